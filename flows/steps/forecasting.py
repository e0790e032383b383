"""From the bars in the ledger to a forecast that is written down."""

import logging
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from flows.core.backtest import MINIMUM_HISTORY
from flows.core.bars import BarSeries, SeriesId
from flows.core.calendars import calendar_of
from flows.core.cleaning import Cleaned
from flows.core.errors import TooLittleHistory
from flows.core.forecast import Forecast, Prediction
from flows.core.history import correction_note, import_note, opening_note
from flows.core.issued import Issued
from flows.core.jumps import held_back
from flows.core.models import CHEAP
from flows.core.models.arima import DEFAULT_ORDER
from flows.core.periods import Slot
from flows.core.predicting import predict
from flows.core.recipe import Recipe
from flows.ledger import forecasts as kept_forecasts
from flows.ledger.bars import topic_read
from flows.ledger.imports import imports_within, source_of
from flows.ledger.store import ledger_name, open_ledger
from flows.parts import Parts
from flows.steps.looking_back import History, look_back, mark_splits
from flows.steps.run import Run
from flows.steps.streaming import headers_of
from flows.stream import codec, topics
from flows.stream.produce import Outgoing
from flows.stream.records import FORECAST_SCHEMA
from flows.version import code_version

FILES = "csv-files"
NOBODY_ASKED = "no source was asked about it"

_log = logging.getLogger("nextclose")


def usable_history(
    parts: Parts, cleaned: Cleaned, slot: Slot, now: datetime, why: str = NOBODY_ASKED
) -> tuple[BarSeries, tuple[str, ...]]:
    """Return the bars up to the as-of bar, as they were known before the target closed, and notes about holes.

    Raises:
        RejectData: The answer was too bad to forecast from, or its as-of bar was, or a jump is not explained (`why`).
    """
    cleaned.require_trust(slot.as_of.label)
    engine = open_ledger(parts.ledger, parts.origin)
    found = history_at(engine, cleaned.series.id, slot, now, why)
    if found.newest != slot.as_of.label:
        cleaned.require_sound(slot.as_of.label)
    changed = [change for change in found.changes if change.received_at == cleaned.received_at]
    notes = (*found.notes, *found.split_notes, *correction_note(changed), *_import_notes(engine, found.used))
    _require_enough(found, cleaned.series.symbol)
    return found.used, (*notes, *opening_note(slot, calendar_of(cleaned.series.symbol, cleaned.series.interval)))


def _require_enough(found: History, symbol: str) -> None:
    """Raise TooLittleHistory where the bars are few for another reason than that the source gave few."""
    if len(found.used) < MINIMUM_HISTORY and found.notes:
        raise TooLittleHistory(
            f"{symbol}, clean: of what the ledger holds, {len(found.used)} bars can be used, at least {MINIMUM_HISTORY} are "
            f"needed: {'; '.join(found.notes)}"
        )


def history_at(engine: Engine, series: SeriesId, slot: Slot, now: datetime, why: str = NOBODY_ASKED) -> History:
    """Return the bars up to the as-of bar, as they were known at `now` and before the target closed, on one scale.

    What the newest bar shows of splits is kept for the scores, also where no forecast is made.

    Raises:
        RejectData: A jump looks like a split that nobody has told of; `why` says why nobody has.
    """
    found = look_back(engine, series, slot, now)
    mark_splits(engine, found)
    if found.jumps:
        source = source_of(engine, series)
        raise held_back(series.symbol, found.jumps, why, f" --source {source}" if source == FILES else "")
    return found


def _import_notes(engine: Engine, used: BarSeries) -> tuple[str, ...]:
    if not used.bars:
        return ()
    found = imports_within(engine, used.id, used.bars[0].time, used.bars[-1].time)
    return tuple(import_note(one.file, one.bars, one.first_bar, one.last_bar, one.imported_at) for one in found)


def forecast(history: BarSeries, slot: Slot, recipe: Recipe) -> Prediction:
    """Compare the models and forecast."""
    made = predict(history, slot, code_version(), recipe, partial(tell_model, history.symbol, order=recipe.order))
    _log.info("%s: %s forecasts %.6g for %s", made.symbol, made.model, made.point, made.target.label)
    return made


def tell_model(symbol: str, model: str, order: tuple[int, int, int] = DEFAULT_ORDER) -> None:
    """Log that a model's turn in a comparison has come; the cheap ones are over before one has read it."""
    if model == "arima" and order != DEFAULT_ORDER:
        _log.info("%s: comparing %s of the order %s", symbol, model, order)
    elif model not in CHEAP:
        _log.info("%s: comparing %s", symbol, model)


def record(
    parts: Parts,
    prediction: Prediction,
    run: Run,
    *,
    backfill: bool,
    once: bool = False,
) -> Forecast:
    """Keep a forecast in the ledger, then publish it once, behind those before it in its chain."""
    engine = open_ledger(parts.ledger, parts.origin)
    made = kept_forecasts.keep_forecast(
        engine,
        Forecast(
            prediction,
            run.issued_at,
            run.run_id,
            backfill,
            run.given_now,
            known_at=min(run.now, prediction.target.closes_at),
            bars_read=_bars_read(parts, engine),
        ),
        codec.encode_forecast,
        once=once,
    )
    series = SeriesId(prediction.origin, prediction.symbol, prediction.interval)
    publish_up_to(parts, series, made.place)
    return made


def _bars_read(parts: Parts, engine: Engine) -> dict[str, object]:
    """Return up to where the bars topic has been read; nothing of the embedded broker, which forgets."""
    topic = topics.topic_name(topics.BARS, parts.kafka, parts.origin)
    read = [] if parts.kafka.embedded else topic_read(engine, topic)
    return {"topic": topic, "read": [found._asdict() for found in read]} if read else {}


def publish_up_to(parts: Parts, series: SeriesId, place: int) -> None:
    """Publish what of a series, up to a place in its chain, is not on its topic yet: a run may have been interrupted."""
    engine = open_ledger(parts.ledger, parts.origin)
    for kept in kept_forecasts.unpublished(engine, series, place):
        publish(parts, engine, kept.issued)


def publish(parts: Parts, engine: Engine, issued: Issued) -> None:
    """Put a forecast onto its topic; keep where it stands."""
    topic = topics.topic_name(topics.FORECASTS, parts.kafka, parts.origin)
    headers = {**headers_of(parts, FORECAST_SCHEMA, issued.run_id), "ledger": ledger_name(engine)}
    headers["origin"] = str(issued.origin)
    with parts.senders.one(f"{issued.symbol}, record") as sender:
        receipt = sender.send(topic, [Outgoing(issued.symbol, codec.encode_forecast(issued))], headers)
        cluster = sender.cluster()
    ((partition, (offset, _)),) = receipt.offsets.items()
    kept_forecasts.keep_place(engine, issued.forecast_id, cluster, topic, partition, offset)
