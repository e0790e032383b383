"""What the stream owes: one forecast after each new bar, made and published once."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import Engine

from flows import steps
from flows.core.calendars import calendar_of
from flows.core.errors import NextcloseError, Retryable
from flows.core.forecast import Prediction, failure_of
from flows.core.recipe import ContestKind, Recipe
from flows.ledger.forecasts import forecast_after
from flows.ledger.news import Waiting, stop_waiting, waiting_bars
from flows.parts import Parts
from flows.steps import Run
from flows.steps.forecasting import history_at, publish_up_to

RETRY_SECONDS = 5.0
"""How long to wait before what a moment's patience may mend is tried again."""
NOT_BY_STREAM = "the stream asks no source about it; `nextclose forecast` does"

WINNER_ON_RECORD = Recipe(contest=ContestKind.RECORDED)
"""A stream has no time for all models: it uses what evaluate-models has found, and where nothing was, the cheap ones."""

_log = logging.getLogger("nextclose")


@dataclass(slots=True)
class Stream:
    """One stream at work, and what it has done so far."""

    parts: Parts
    run: Run
    engine: Engine
    stopped: Callable[[], bool]
    idle_seconds: float | None = None
    recipe: Recipe = WINNER_ON_RECORD
    bars: int = 0
    forecasts: int = 0
    failures: int = 0
    last_news: float = field(default_factory=time.monotonic)

    def is_over(self) -> bool:
        """Say whether it was told to stop, or nothing has come for long enough."""
        idle = self.idle_seconds is not None and time.monotonic() - self.last_news > self.idle_seconds
        return self.stopped() or idle

    @property
    def sentence(self) -> str:
        """What was done, in words."""
        return (
            f"{self.bars} bars read, {self.forecasts} forecasts made, {self.failures} bars could not be forecast after"
        )


def pay(stream: Stream) -> None:
    """Make every forecast that is owed; what only needs patience is tried until it succeeds or the stream is stopped."""
    for one in waiting_bars(stream.engine):
        while not stream.stopped():
            try:
                _forecast(stream, one)
            except Retryable as error:
                _log.warning("%s", error)
                time.sleep(RETRY_SECONDS)
            else:
                break
        if stream.stopped():
            return


def _forecast(stream: Stream, one: Waiting) -> None:
    known = forecast_after(stream.engine, one.series, one.time)
    made = None if known else _made(stream, one)
    if known is not None:
        # An earlier run has made it, or this one before it was interrupted: it has only to be on its topic.
        publish_up_to(stream.parts, one.series, known.issued.place)
    elif made is not None:
        now, closes_at = datetime.now(UTC), made.target.closes_at
        run = replace(stream.run, now=now, issued_at=now)
        steps.record(stream.parts, made, run, backfill=now >= closes_at, once=True)
    stream.forecasts += known is not None or made is not None
    stop_waiting(stream.engine, one)


def _made(stream: Stream, one: Waiting) -> Prediction | None:
    """Return the prediction after a bar, or None, with the reason in the log: a fault of one symbol's stops nobody."""
    try:
        calendar = calendar_of(one.series.symbol, one.series.interval)
        slot = calendar.slot(calendar.period(one.time).known_at)
        history = history_at(stream.engine, one.series, slot, datetime.now(UTC), NOT_BY_STREAM).used
        recipe, _ = steps.recipe_for(
            stream.parts, one.series, slot, stream.recipe, datetime.now(UTC), ContestKind.CHEAP
        )
        return steps.forecast(history, slot, recipe)
    except Retryable:
        raise
    except (NextcloseError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        stream.failures += 1
        reason = failure_of(one.series.symbol, "forecast", error, one.time).reason
        _log.warning("%s, after %s: %s", one.series.interval, one.time, reason)
        return None
