"""Asking a source about jumps that look like splits, and keeping what it says."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from flows.core.bars import SeriesId
from flows.core.calendars import calendar_of
from flows.core.cleaning import Cleaned
from flows.core.errors import NextcloseError
from flows.core.forecast import failure_of
from flows.core.jumps import Jump
from flows.core.periods import Slot
from flows.core.split_words import ratio_in_words
from flows.core.splits import Split, is_near, is_same
from flows.ledger.splits import keep_splits, known_splits
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.sources import SPLIT_SOURCES, Listed
from flows.steps.fetching import within_budget
from flows.steps.looking_back import look_back

FRESH = 3
"""Sessions after a jump until which the vendor may still be about to list its split."""

_log = logging.getLogger("nextclose")


def jumps_before(parts: Parts, cleaned: Cleaned, slot: Slot, now: datetime) -> tuple[Jump, ...]:
    """Return the jumps in a symbol's history that look like splits and that nothing explains yet."""
    try:
        cleaned.require_trust(slot.as_of.label)
        return look_back(open_ledger(parts.ledger, parts.origin), cleaned.series.id, slot, now).jumps
    except NextcloseError:
        # Whatever is wrong will be said where the history is used; a request would be wasted.
        return ()


def ask_about(
    parts: Parts, series: SeriesId, jumps: Sequence[Jump], received_at: datetime, wait: Callable[[], None]
) -> str:
    """Ask the source for a symbol's splits, and keep them; a jump that they do not explain may be kept as a real move.

    Args:
        parts: Whom to ask, and the ledger.
        series: Whose bars jump.
        jumps: The jumps that nothing explains yet.
        received_at: The instant to write on what is kept.
        wait: Returns when it is our turn to ask.

    Returns:
        Why a jump that is still there is not explained.
    """
    source = parts.source
    if type(source) not in SPLIT_SOURCES:
        return "files tell of no splits"
    listed = within_budget(
        parts, series.symbol, received_at, wait, partial(SPLIT_SOURCES[type(source)](source).splits, series.symbol)
    )
    _log.info("%s: asked for its splits, %d are listed", series.symbol, len(listed))
    engine = open_ledger(parts.ledger, parts.origin)
    _keep_listed(engine, series, listed, jumps, received_at)
    left = [jump for jump in jumps if not any(_explains(one, jump) and jump.is_gone_with(one.factor) for one in listed)]
    doubts = {jump: _doubt(series.symbol, jump, listed, received_at) for jump in left}
    real = [Split(jump.day, 1.0, "vendor", received_at) for jump, doubt in doubts.items() if not doubt]
    keep_splits(engine, series.origin, series.symbol, real)
    # The newest jump is the one that is told in full.
    return next((doubt for doubt in reversed(doubts.values()) if doubt), "")


def _keep_listed(
    engine: Engine, series: SeriesId, listed: Sequence[Listed], jumps: Sequence[Jump], received_at: datetime
) -> None:
    """Keep the splits that are not known yet, dated by the bar that they changed."""
    known = known_splits(engine, series.origin, series.symbol)
    found = (_dated(Split(*one, "vendor", received_at), jumps) for one in listed)
    new = [split for split in found if not any(is_same(split, other) for other in known)]
    keep_splits(engine, series.origin, series.symbol, new)


def _dated(split: Split, jumps: Sequence[Jump]) -> Split:
    near = next((jump for jump in jumps if _explains(Listed(split.effective, split.factor), jump)), None)
    if near is None or near.since[:10] < split.effective <= near.day:
        return split
    return replace(split, effective=near.day)


def _explains(one: Listed, jump: Jump) -> bool:
    return is_near(one.effective, jump.since, jump.time) and jump.is_smaller_with(one.factor)


def _doubt(symbol: str, jump: Jump, listed: Sequence[Listed], received_at: datetime) -> str:
    """Return why a jump is neither a split that the vendor lists nor certainly a real move; empty if it is that."""
    near = [one for one in listed if is_near(one.effective, jump.since, jump.time)]
    if near:
        return f"the vendor lists one of {ratio_in_words(near[0].factor)} on {near[0].effective}, which is not what they show"
    if _sessions_since(symbol, jump.day, received_at) < FRESH:
        return "the vendor lists none there so far; it is asked again by the next run"
    return "the vendor lists none there, although prices hardly ever move so far" if jump.is_huge else ""


def _sessions_since(symbol: str, day: str, instant: datetime) -> int:
    calendar = calendar_of(symbol)
    return len(calendar.labels_between(day, calendar.slot(instant).as_of.label)) - 1


def unanswered(symbol: str, answer: str | BaseException) -> str:
    """Return why a jump may be left unexplained: what the asking came to, or the error that it ended with."""
    if isinstance(answer, str):
        return answer
    reason = failure_of(symbol, "fetch", answer, "").reason.removeprefix(f"{symbol}, fetch: ").rstrip(".")
    return f"asking for its splits failed ({reason})"
