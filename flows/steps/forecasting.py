"""From the bars in the ledger to a forecast that is written down."""

import logging
from datetime import datetime

from sqlalchemy import Engine

from flows.core.bars import BarSeries
from flows.core.calendars import calendar_of
from flows.core.cleaning import Cleaned
from flows.core.forecast import Forecast, Prediction, predict
from flows.core.history import correction_note, import_note, one_scale, opening_note, unbroken
from flows.core.periods import Slot
from flows.ledger import bars as kept_bars
from flows.ledger import forecasts as kept_forecasts
from flows.ledger.imports import imports_within
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps.run import Run
from flows.steps.streaming import send
from flows.stream import codec, topics
from flows.stream.produce import Outgoing
from flows.version import code_version

_log = logging.getLogger("nextclose")


def usable_history(parts: Parts, cleaned: Cleaned, slot: Slot, now: datetime) -> tuple[BarSeries, tuple[str, ...]]:
    """Return the bars up to the as-of bar, as they were known before the target closed, and notes about holes.

    Raises:
        RejectData: The answer was too bad to forecast from, or its as-of bar was.
    """
    cleaned.require_trust(slot.as_of.label)
    engine = open_ledger(parts.ledger, parts.origin)
    seen = min(now, slot.target.closes_at)
    known = kept_bars.history(engine, cleaned.series.id, slot.as_of.label, seen)
    if known.last_time != slot.as_of.label:
        cleaned.require_sound(slot.as_of.label)
    calendar = calendar_of(known.symbol, known.interval)
    changes = [change for change in kept_bars.changes(engine, known.id, slot.as_of.label) if change.received_at <= seen]
    alike, scales = one_scale(known, changes)
    used, holes = unbroken(alike, calendar)
    changed = [change for change in changes if change.received_at == cleaned.received_at]
    return used, (
        *scales,
        *holes,
        *correction_note(changed),
        *_import_notes(engine, used),
        *opening_note(slot, calendar),
    )


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
        receipt = send(parts, topics.FORECASTS, records, codec.FORECAST_SCHEMA, run, prediction.symbol)
        ((partition, (offset, _)),) = receipt.offsets.items()
        kept_forecasts.keep_place(engine, made.forecast_id, receipt.topic, partition, offset)
    return made
