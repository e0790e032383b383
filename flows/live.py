"""The stream: one forecast for every new bar, as it arrives, until it is told to stop."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from flows import steps
from flows.core.bars import BarRevision, Origin
from flows.core.calendars import calendar_of
from flows.core.errors import FixConfiguration, NextcloseError, Retryable
from flows.core.positions import Stored
from flows.core.recipe import Recipe
from flows.ledger.bars import LEDGER, STREAM, keep_bars, stored_offsets
from flows.ledger.news import begin_news, keep_news
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.paying import RETRY_SECONDS, WINNER_ON_RECORD, Stream, pay
from flows.steps import Run
from flows.steps.streaming import of_our_sort, read_up_to, set_aside
from flows.stream.consume import Reading, reading
from flows.stream.reading import gathered, read_batch
from flows.stream.topics import BARS, topic_name

POLL_SECONDS = 0.5
LOOK_SECONDS = 60.0
"""Between two looks at whether the topic has new partitions."""
BATCHES = 10
"""Batches of history that are kept in one transaction."""

_log = logging.getLogger("nextclose")


def follow(
    parts: Parts,
    run: Run,
    stopped: Callable[[], bool],
    idle_seconds: float | None = None,
    recipe: Recipe = WINNER_ON_RECORD,
) -> Stream:
    """Forecast after every new bar on the bars topic until `stopped` says so; return what was done.

    The first time, what stands on the topic already is history. Later, it goes on where it ended: a bar's forecast is
    owed from the moment at which the bar is kept, and paid once, whatever happens in between.

    Args:
        parts: Where everything is.
        run: Whose name stands on the forecasts.
        stopped: Asked between two bars.
        idle_seconds: End by itself after so long without a record; never where it is None.
        recipe: How its forecasts are made.

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
    stream = Stream(parts, run, engine, stopped, idle_seconds, recipe)
    while not stream.is_over():
        try:
            _read_on(stream)
        except Retryable as error:
            # The topic, the broker or the ledger is away for a while; nothing that was kept is lost.
            _log.warning("%s", error)
            time.sleep(RETRY_SECONDS)
    _log.info("stopped: %s", stream.sentence)
    return stream


def _read_on(stream: Stream) -> None:
    """Open the topic and forecast after what comes, until the stream is over or the topic has new partitions."""
    topic = topic_name(BARS, stream.parts.kafka, stream.parts.origin)
    stored = stored_offsets(stream.engine, topic, STREAM)
    known = stored or stored_offsets(stream.engine, topic, LEDGER)
    with reading(stream.parts.kafka, topic, known, "stream") as opened:
        for note in opened.notes:
            _log.warning("%s", note)
        begins = _begins(stream, opened, stored)
        if begins is None:
            return
        opened.follow(begins)
        _log.info("following %s", topic)
        pay(stream)
        stream.last_news = time.monotonic()
        look = time.monotonic() + LOOK_SECONDS
        while not stream.is_over():
            _step(stream, opened)
            if time.monotonic() > look:
                if opened.has_grown():
                    _log.warning("%s has new partitions, which are read from their beginning", topic)
                    return
                look = time.monotonic() + LOOK_SECONDS


def _begins(stream: Stream, opened: Reading, stored: Sequence[Stored]) -> Mapping[int, int] | None:
    """Return where to go on in each partition; None if the stream was stopped while it read the history."""
    if stored:
        # For every partition, also where nothing comes: the next start goes on from here, and says no note again.
        keep_news(stream.engine, [], read_up_to(stream.parts, opened, opened.starts, STREAM))
        return opened.starts
    begins = opened.starts if _was_read(stream, opened) else _past_history(stream, opened)
    if begins is not None:
        begin_news(stream.engine, read_up_to(stream.parts, opened, begins, STREAM))
    return begins


def _was_read(stream: Stream, opened: Reading) -> bool:
    """Say whether the ledger has read this topic before, so that what it has not read yet is news."""
    known = stored_offsets(stream.engine, opened.topic, LEDGER)
    return any(found.cluster == opened.cluster for found in known)


def _past_history(stream: Stream, opened: Reading) -> Mapping[int, int] | None:
    """Take all that stands on the topic for history; return where news begins, or None if stopped on the way."""
    for batch in gathered(opened.batches(), BATCHES):
        if stream.stopped():
            return None
        set_aside(stream.parts, batch.poison, stream.run.run_id)
        # Without offsets: who is interrupted here begins anew, and takes nothing of it for news.
        keep_bars(stream.engine, of_our_sort(stream.parts, batch.bars))
        stream.bars += len(batch.bars)
    _log.info("%d bars stood on the topic already and are history", stream.bars)
    return opened.ends


def _step(stream: Stream, opened: Reading) -> None:
    messages = opened.take_soon(POLL_SECONDS)
    if messages:
        batch = read_batch(messages)
        set_aside(stream.parts, batch.poison, stream.run.run_id)
        offsets = read_up_to(stream.parts, opened, batch.next_offsets, STREAM)
        keep_news(stream.engine, of_our_sort(stream.parts, batch.bars), offsets, _is_possible)
        stream.bars += len(batch.bars)
        pay(stream)
        stream.last_news = time.monotonic()


def _is_possible(revision: BarRevision) -> bool:
    """Say whether a bar can be one by now: its calendar knows it, and a live one has closed."""
    try:
        period = calendar_of(revision.symbol, revision.interval).period(revision.bar.time)
        possible = revision.origin is not Origin.LIVE or period.closes_at <= datetime.now(UTC)
    except NextcloseError:
        possible = False
    if not possible:
        _log.warning("%s: no forecast is made after %s, which can be no bar by now", revision.symbol, revision.bar.time)
    return possible
