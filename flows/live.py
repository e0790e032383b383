"""The stream: one forecast for every new bar, as it arrives, until it is told to stop."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import Engine

from flows import steps
from flows.core.bars import Origin
from flows.core.calendars import calendar_of
from flows.core.errors import FixConfiguration, NextcloseError, RejectData, Retryable
from flows.core.periods import Slot
from flows.ledger.bars import LEDGER, STREAM, stored_offsets
from flows.ledger.forecasts import forecast_after
from flows.ledger.news import Waiting, keep_news, stop_waiting, waiting_bars
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps import Run
from flows.steps.forecasting import history_at, publish_up_to
from flows.steps.streaming import read_up_to, set_aside
from flows.stream.consume import Reading, reading
from flows.stream.produce import Sender
from flows.stream.reading import Batch, read_batch
from flows.stream.topics import BARS, topic_name

POLL_SECONDS = 0.5
RETRY_SECONDS = 5.0
"""How long to wait before what a moment's patience may mend is tried again."""

_log = logging.getLogger("nextclose")


@dataclass(slots=True)
class Stream:
    """One stream at work, and what it has done so far."""

    parts: Parts
    run: Run
    engine: Engine
    sender: Sender
    stopped: Callable[[], bool]
    bars: int = 0
    forecasts: int = 0
    failures: int = 0
    last_news: float = field(default_factory=time.monotonic)

    @property
    def sentence(self) -> str:
        """What was done, in words."""
        return (
            f"{self.bars} bars read, {self.forecasts} forecasts made, {self.failures} bars could not be forecast after"
        )


def follow(parts: Parts, run: Run, stopped: Callable[[], bool], idle_seconds: float | None = None) -> Stream:
    """Forecast after every new bar on the bars topic until `stopped` says so; return what was done.

    The first time, what stands on the topic already is history. Later, it goes on where it ended: a bar's forecast is
    owed from the moment at which the bar is kept, and paid once, whatever happens in between.

    Args:
        parts: Where everything is.
        run: Whose name stands on the forecasts.
        stopped: Asked between two bars.
        idle_seconds: End by itself after so long without a record; never where it is None.

    Raises:
        NextcloseError: Kafka or the ledger cannot be used.
    """
    if parts.kafka.private:
        raise FixConfiguration(
            "stream, request: there is no kafka block, and nobody could send bars to a broker of this run's own. Start one "
            "with `make kafka` or `make up`, or configure a Kafka cluster"
        )
    steps.connect(parts)
    engine = open_ledger(parts.ledger, parts.origin)
    stream = Stream(parts, run, engine, Sender(parts.kafka, "stream, record"), stopped)
    topic = topic_name(BARS, parts.kafka, parts.origin)
    stored = stored_offsets(engine, topic, STREAM)
    with reading(parts.kafka, topic, stored or stored_offsets(engine, topic, LEDGER), "stream") as opened:
        for note in opened.notes:
            _log.warning("%s", note)
        begins = opened.starts if stored or _was_read(stream, opened) else _past_history(stream, opened)
        if opened.notes or not stored:
            # For every partition, also where nothing comes: the next start goes on from here.
            keep_news(engine, [], read_up_to(parts, opened, begins, STREAM))
        opened.follow(begins)
        _log.info("following %s", topic)
        _pay(stream)
        while not stopped() and not _is_idle(stream, idle_seconds):
            _step(stream, opened)
    _log.info("stopped: %s", stream.sentence)
    return stream


def _was_read(stream: Stream, opened: Reading) -> bool:
    """Say whether the ledger has read this topic before, so that what it has not read yet is news."""
    known = stored_offsets(stream.engine, opened.topic, LEDGER)
    return any(found.cluster == opened.cluster for found in known)


def _past_history(stream: Stream, opened: Reading) -> dict[int, int]:
    """Take all that stands on the topic for history; return where news begins."""
    for batch in opened.batches():
        _keep(stream, opened, batch, forecast=False)
    _log.info("%d bars stood on the topic already and are history", stream.bars)
    return dict(opened.ends)


def _step(stream: Stream, opened: Reading) -> None:
    messages = opened.take_soon(POLL_SECONDS)
    if messages:
        stream.last_news = time.monotonic()
        _keep(stream, opened, read_batch(messages))
        _pay(stream)


def _keep(stream: Stream, opened: Reading, batch: Batch, *, forecast: bool = True) -> None:
    set_aside(stream.parts, batch.poison, stream.run.run_id)
    offsets = read_up_to(stream.parts, opened, batch.next_offsets, STREAM)
    keep_news(stream.engine, batch.bars, offsets, forecast=forecast)
    stream.bars += len(batch.bars)


def _is_idle(stream: Stream, seconds: float | None) -> bool:
    return seconds is not None and time.monotonic() - stream.last_news > seconds


def _pay(stream: Stream) -> None:
    """Make every forecast that is owed; what only needs patience is tried until it succeeds or the stream is stopped."""
    for one in waiting_bars(stream.engine):
        while not stream.stopped():
            try:
                _forecast(stream, one)
            except Retryable as error:
                _log.warning("%s", error)
                time.sleep(RETRY_SECONDS)
                # After some errors a producer is dead for good.
                stream.sender = Sender(stream.parts.kafka, "stream, record")
            else:
                break
        if stream.stopped():
            return


def _forecast(stream: Stream, one: Waiting) -> None:
    try:
        _make(stream, one)
        stream.forecasts += 1
    except (Retryable, FixConfiguration):
        raise
    except NextcloseError as error:
        stream.failures += 1
        _log.warning("%s %s, after %s: %s", one.series.symbol, one.series.interval, one.time, error)
    stop_waiting(stream.engine, one)


def _make(stream: Stream, one: Waiting) -> None:
    known = forecast_after(stream.engine, one.series, one.time)
    if known is not None:
        # An earlier run has made it, or this one before it was interrupted: it has only to be on its topic.
        publish_up_to(stream.parts, one.series, known.issued.place, stream.sender)
        return
    now = datetime.now(UTC)
    slot = _slot(one)
    _require_past(one, slot, now)
    history = history_at(stream.engine, one.series, slot, now).used
    prediction = steps.forecast(history, slot, None)
    run = replace(stream.run, now=now, issued_at=now)
    steps.record(stream.parts, prediction, run, backfill=now >= slot.target.closes_at, sender=stream.sender)


def _slot(one: Waiting) -> Slot:
    calendar = calendar_of(one.series.symbol, one.series.interval)
    return calendar.slot(calendar.period(one.time).known_at)


def _require_past(one: Waiting, slot: Slot, now: datetime) -> None:
    """Raise RejectData for a live bar that cannot be known yet; other data may be of any time."""
    if one.series.origin is Origin.LIVE and slot.as_of.closes_at > now:
        raise RejectData(
            f"{one.series.symbol}, forecast: the bar of {one.time} is on the topic before its session has closed at "
            f"{slot.as_of.closes_at:%Y-%m-%d %H:%M} UTC. No forecast is made after it"
        )
