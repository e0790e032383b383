"""The report, and the mail about it."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from blocks.mail_server import connect
from flows.core.alerts import Alerting
from flows.core.bars import Interval, SeriesId
from flows.core.forecast import Forecast, Prediction, SymbolFailure
from flows.core.issued import Kept
from flows.core.report import Entry, Report, money
from flows.core.skill import track_record
from flows.ledger import forecasts as kept_forecasts
from flows.ledger.provenance import came_from, provenance_of
from flows.ledger.slots import slots_of
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.publishers.artifact import publish_artifact, publish_explanation
from flows.publishers.delivery import Delivery
from flows.publishers.number_words import where_from
from flows.publishers.outbox import deliver
from flows.publishers.slot_words import explained
from flows.steps.run import Run

_log = logging.getLogger("nextclose")


def entry(parts: Parts, made: Forecast, notes: Sequence[str]) -> Entry:
    """Put a symbol's record so far beside its forecast."""
    engine = open_ledger(parts.ledger, parts.origin)
    p = made.prediction
    series = SeriesId(p.origin, p.symbol, p.interval)
    first = kept_forecasts.forecast_after(engine, series, p.as_of)
    again = (
        () if first is None or first.issued.forecast_id == made.forecast_id or made.backfill else (_first(first, p),)
    )
    late = ("made after its target had closed, or for a past instant: kept, but never counted in the track record",)
    return Entry(
        made,
        track_record(kept_forecasts.scored(engine, series, p.as_of)),
        (*notes, *again, *(late if made.backfill else ())),
    )


def _first(first: Kept, p: Prediction) -> str:
    said = first.issued
    return (
        f"an earlier forecast for this close, {money(said.point, p.naive)} by {said.model}, is the one that is scored"
    )


def report(
    parts: Parts,
    run: Run,
    interval: Interval,
    entries: Sequence[Entry],
    failures: Sequence[SymbolFailure],
    notes: Sequence[str],
) -> Report:
    """Build the report and write the artifact."""
    made = Report(
        origin=parts.origin,
        interval=interval,
        now=run.now,
        run_id=run.run_id,
        parts=parts.lines,
        entries=tuple(entries),
        failures=tuple(failures),
        notes=tuple(notes),
        zone=parts.mail.timezone,
    )
    publish_artifact(made)
    return made


def notify(parts: Parts, made: Report, *, resend: bool, alerting: Alerting) -> Delivery:
    """Mail what has not been mailed yet."""
    engine = open_ledger(parts.ledger, parts.origin)
    delivery = deliver(engine, made, parts.mail, partial(connect, parts.smtp), resend=resend, alerting=alerting)
    _log.info("%s", delivery.message)
    return delivery


def explain(parts: Parts, run_id: str) -> None:
    """Write what became of each symbol, and where its number comes from, where the run's page shows it."""
    engine = open_ledger(parts.ledger, parts.origin)
    slots = slots_of(engine, run_id)
    made = (provenance_of(engine, slot.forecast_id) for slot in slots if slot.forecast_id is not None)
    numbers = {found.symbol: where_from(found, *came_from(engine, found)) for found in made if found is not None}
    publish_explanation([explained(slot, parts.mail.timezone, datetime.now(UTC)) for slot in slots], numbers)
