"""What each task does, as plain functions that run without Prefect."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from flows.core import cleaning
from flows.core.bars import BarSeries, Interval, SeriesId, revisions_to_send
from flows.core.budget import Budget, Share, share_out
from flows.core.calendars import calendar_of
from flows.core.cleaning import Cleaned, RawSeries
from flows.core.errors import FixConfiguration, QuotaSpent
from flows.core.forecast import Forecast, Prediction, SymbolFailure, predict
from flows.core.history import correction_note, import_note, opening_note, unbroken
from flows.core.periods import Slot
from flows.core.report import Entry, Report
from flows.core.request import Asked
from flows.core.skill import track_record
from flows.ledger import bars as kept_bars
from flows.ledger import forecasts as kept_forecasts
from flows.ledger.imports import imports_within
from flows.ledger.runs import close_budget, requests_used, spend_request, unknown_symbols
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.publishers.artifact import publish_artifact
from flows.publishers.outbox import Delivery, deliver
from flows.sources import SOURCES, BarRequest
from flows.stream import codec, topics
from flows.stream.consume import reading
from flows.stream.produce import Outgoing, Receipt
from flows.stream.produce import produce as send
from flows.version import code_version

VENDOR_DAY = ZoneInfo("America/New_York")
"""The clock on which the vendor's day of requests is counted here."""

_log = logging.getLogger("nextclose")


@dataclass(frozen=True, slots=True)
class Run:
    """Which run this is, and at what instant it plays."""

    run_id: str
    flow: str
    now: datetime
    issued_at: datetime
    """The instant written on bars received and forecasts issued: the clock for live data, `now` for other data."""


@dataclass(frozen=True, slots=True)
class Consumed:
    """What was read from the bars topic."""

    bars: int
    notes: tuple[str, ...] = ()


def share(parts: Parts, run: Run, asked: Sequence[Asked], interval: Interval) -> Share:
    """Decide who is fetched first, and for whom no request is left."""
    engine = open_ledger(parts.ledger, parts.origin)
    newest: Mapping[str, str] = kept_bars.newest_times(engine, parts.origin, interval)
    shared = share_out(asked, newest, unknown_symbols(engine, parts.origin, interval), _budget(parts, run))
    if shared.sentence:
        _log.info("%s", shared.sentence)
    return shared


def _budget(parts: Parts, run: Run) -> Budget | None:
    limit = parts.source.daily_requests
    if limit is None:
        return None
    day = _vendor_day(run.issued_at)
    return Budget(day, limit, requests_used(open_ledger(parts.ledger, parts.origin), parts.source.account, day))


def fetch(parts: Parts, request: BarRequest, wait: Callable[[], None]) -> RawSeries:
    """Ask the source, within the day's budget of requests and at its pace; `wait` returns when it is our turn."""
    engine = open_ledger(parts.ledger, parts.origin)
    source, account = parts.source, parts.source.account
    day = _vendor_day(request.received_at)

    def spend() -> None:
        wait()
        spend_request(engine, account, day, source.daily_requests, f"{request.symbol}, fetch")

    try:
        raw = SOURCES[type(source)](source).fetch(request, spend)
    except QuotaSpent:
        # The key was used elsewhere too: nobody else needs to ask today.
        close_budget(engine, account, day, source.daily_requests)
        raise
    _log.info("%s: %d bars fetched, newest %s", request.symbol, len(raw.rows), max(str(row.time) for row in raw.rows))
    return raw


def _vendor_day(instant: datetime) -> str:
    return instant.astimezone(VENDOR_DAY).date().isoformat()


def clean(raw: RawSeries, now: datetime) -> Cleaned:
    """Clean one answer, and say what was found."""
    cleaned = cleaning.clean(raw, now)
    for note in cleaned.notes:
        _log.info("%s: %s", raw.symbol, note)
    return cleaned


def produce(parts: Parts, cleaned: Cleaned, run: Run) -> Receipt:
    """Publish the bars that the ledger does not hold, and every rejected row."""
    series = cleaned.series
    engine = open_ledger(parts.ledger, parts.origin)
    topics.ensure_topics(parts.kafka, parts.origin)
    known = kept_bars.newest_versions(engine, series.id)
    new = revisions_to_send(series, known, cleaned.received_at)
    rejected = [Outgoing(series.symbol, codec.encode_rejected(series.id, found)) for found in cleaned.rejected]
    _send(parts, topics.QUARANTINE, rejected, codec.QUARANTINE_SCHEMA, run, series.symbol)
    records = [Outgoing(series.symbol, codec.encode_bar(revision)) for revision in new]
    receipt = _send(parts, topics.BARS, records, codec.BAR_SCHEMA, run, series.symbol)
    _log.info("%s: %d new or revised bars produced", series.symbol, receipt.count)
    return receipt


def _send(parts: Parts, topic: str, records: list[Outgoing], schema: str, run: Run, symbol: str) -> Receipt:
    name = topics.topic_name(topic, parts.kafka, parts.origin)
    if not records:
        return Receipt(name)
    headers = {"schema": schema, "origin": str(parts.origin), "run_id": run.run_id}
    return send(parts.kafka, name, records, headers, f"{symbol}, produce")


def consume(parts: Parts, receipts: Sequence[Receipt]) -> Consumed:
    """Read the bars topic up to its end as it is now, and keep the bars together with the offsets."""
    engine = open_ledger(parts.ledger, parts.origin)
    topic = topics.topic_name(topics.BARS, parts.kafka, parts.origin)
    count, poison = 0, 0
    with reading(parts.kafka, topic, kept_bars.stored_offsets(engine, topic)) as pass_over:
        _require_kept(receipts, pass_over.starts, topic)
        for batch in pass_over.batches():
            # The embedded broker forgets its records when it ends: offsets into it would mislead the next run.
            offsets = None if parts.kafka.embedded else batch.next_offsets
            kept_bars.keep_bars(engine, batch.bars, cluster=pass_over.cluster, topic=topic, next_offsets=offsets)
            count += len(batch.bars)
            poison += len(batch.poison)
    sent = sum(receipt.count for receipt in receipts)
    _log.info("%d bars consumed, %d of them sent by this run", count, sent)
    return Consumed(count, (f"{poison} records on {topic} are no bars and were passed over",) if poison else ())


def _require_kept(receipts: Sequence[Receipt], starts: Mapping[int, int], topic: str) -> None:
    """Raise an error if the broker has dropped records of this run already."""
    lost = [
        starts[partition] - first
        for receipt in receipts
        for partition, (first, _) in receipt.offsets.items()
        if starts[partition] > first
    ]
    if lost:
        raise FixConfiguration(
            f"consume: the broker has forgotten up to {max(lost)} records on {topic} that this run sent. The embedded "
            "one keeps 5 MiB a partition: run fewer symbols at once, or configure a Kafka cluster"
        )


def is_outdated(raw: RawSeries, slot: Slot, now: datetime) -> bool:
    """Say whether an answer lacks the as-of session's bar, so that the source may have more by now."""
    return cleaning.clean(raw, now).series.until(slot.as_of.label).last_time != slot.as_of.label


def usable_history(parts: Parts, cleaned: Cleaned, slot: Slot, now: datetime) -> tuple[BarSeries, tuple[str, ...]]:
    """Return the bars up to the as-of bar, as they were known before the target closed, and notes about holes.

    Raises:
        RejectData: The answer was too bad to forecast from, or its as-of bar was.
    """
    cleaned.require_trust(slot.as_of.label)
    engine = open_ledger(parts.ledger, parts.origin)
    known = kept_bars.history(engine, cleaned.series.id, slot.as_of.label, min(now, slot.target.closes_at))
    if known.last_time != slot.as_of.label:
        cleaned.require_sound(slot.as_of.label)
    calendar = calendar_of(known.symbol, known.interval)
    used, holes = unbroken(known, calendar)
    changed = kept_bars.corrections(engine, known.id, cleaned.received_at, slot.as_of.label)
    return used, (*holes, *correction_note(changed), *_import_notes(engine, used), *opening_note(slot, calendar))


def _import_notes(engine: Engine, used: BarSeries) -> tuple[str, ...]:
    if not used.bars:
        return ()
    found = imports_within(engine, used.id, used.bars[0].time, used.bars[-1].time)
    return tuple(import_note(one.file, one.bars, one.first_bar, one.last_bar, one.imported_at) for one in found)


def forecast(history: BarSeries, slot: Slot, model: str | None) -> Prediction:
    """Compare the models and forecast."""
    made = predict(history, slot, code_version(), model)
    _log.info("%s: %s forecasts %.4f for %s", made.symbol, made.model, made.point, made.target.label)
    return made


def record(parts: Parts, prediction: Prediction, run: Run, *, backfill: bool) -> Forecast:
    """Keep a forecast in the ledger, then publish it once."""
    engine = open_ledger(parts.ledger, parts.origin)
    made = kept_forecasts.keep_forecast(engine, Forecast(prediction, run.issued_at, run.run_id, backfill))
    if not kept_forecasts.is_published(engine, made.forecast_id):
        records = [Outgoing(prediction.symbol, codec.encode_forecast(made))]
        receipt = _send(parts, topics.FORECASTS, records, codec.FORECAST_SCHEMA, run, prediction.symbol)
        ((partition, (offset, _)),) = receipt.offsets.items()
        kept_forecasts.keep_place(engine, made.forecast_id, receipt.topic, partition, offset)
    return made


def entry(parts: Parts, made: Forecast, notes: Sequence[str]) -> Entry:
    """Put a symbol's record so far beside its forecast."""
    engine = open_ledger(parts.ledger, parts.origin)
    p = made.prediction
    series = SeriesId(p.origin, p.symbol, p.interval)
    late = ("made after its target had closed, or for a past instant: kept, but never counted in the track record",)
    return Entry(
        made, track_record(kept_forecasts.scored(engine, series, p.as_of)), (*notes, *(late if made.backfill else ()))
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


def notify(parts: Parts, made: Report, *, resend: bool) -> Delivery:
    """Mail what has not been mailed yet."""
    engine = open_ledger(parts.ledger, parts.origin)
    delivery = deliver(engine, made, parts.mail, parts.smtp.get_server, resend=resend)
    _log.info("%s", delivery.message)
    return delivery
