"""What is known of a series up to a bar, put on the scale of that bar."""

import math
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Engine

from flows.core.bars import BarSeries, Change, SeriesId
from flows.core.calendars import calendar_of
from flows.core.connections import ADJUSTED_KIND
from flows.core.history import of_calendar, one_scale, still_note, unbroken
from flows.core.jumps import Jump, suspicious
from flows.core.periods import Slot
from flows.core.split_words import coming_notes, real_move_notes, scale_notes
from flows.core.splits import Split, adjusted, is_near, place
from flows.ledger import bars as kept_bars
from flows.ledger.imports import source_of
from flows.ledger.placed import is_newest, keep_placed
from flows.ledger.splits import known_splits


@dataclass(frozen=True, slots=True)
class History:
    """What a forecast may be made from, and how that was come by."""

    used: BarSeries
    """In the units of its newest bar."""
    raw: BarSeries
    """The same bars as they were received."""
    seen: datetime
    """Nothing that was received later plays a part, as far as a forecast could be made without it."""
    newest: str | None
    """The time of the newest bar that is known, used or not."""
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    split_notes: tuple[str, ...]
    jumps: tuple[Jump, ...] = ()
    """What looks like a split that nobody has told of: with any of them, no forecast is made."""


def look_back(engine: Engine, series: SeriesId, slot: Slot, now: datetime) -> History:
    """Return the bars up to the as-of bar, as they were known at `now` and before the target closed."""
    seen = min(now, slot.target.closes_at)
    known = kept_bars.history(engine, series, slot.as_of.label, seen)
    changes = [change for change in kept_bars.changes(engine, known.id, slot.as_of.label) if change.received_at <= seen]
    calendar = calendar_of(known.symbol, known.interval)
    possible, strange = of_calendar(known, calendar)
    alike, scales = one_scale(possible, changes)
    raw, holes = unbroken(alike, calendar)
    splits, jumps = _splits(engine, raw, seen)
    placed = place(raw, splits)
    used = adjusted(raw, placed.splits)
    notes = (*scale_notes(placed, used), *real_move_notes(raw, splits))
    coming = coming_notes(splits, slot.as_of.label, slot.target.label)
    return History(
        used,
        raw,
        seen,
        known.last_time,
        tuple(changes),
        (*strange, *scales, *holes, *still_note(raw)),
        (*notes, *coming),
        jumps,
    )


def mark_splits(engine: Engine, found: History) -> None:
    """Keep which bars show splits, for the scores; a look at less than the ledger holds changes nothing.

    All that is known by now counts: a forecast's units do not hang on who told of them when.
    """
    raw, newest = found.raw, found.newest
    if not raw.bars or newest is None or not is_newest(engine, raw.id, newest, found.seen):
        return
    told = [] if source_of(engine, raw.id) == ADJUSTED_KIND else known_splits(engine, raw.origin, raw.symbol)
    shown = sorted(((raw.bars[at].time, split.factor) for at, split in place(raw, told).shown), key=itemgetter(0))
    # Two splits may have changed the same week.
    placed = {time: math.prod(factor for _, factor in same) for time, same in groupby(shown, key=itemgetter(0))}
    keep_placed(engine, raw.id, raw.bars[0].time, placed)


def _splits(engine: Engine, raw: BarSeries, seen: datetime) -> tuple[list[Split], tuple[Jump, ...]]:
    """Return the splits to go by, and the jumps that they leave unexplained.

    What was told up to the instant counts. Where that leaves a jump, no forecast was made then; so what was told later of the
    days around it may explain it, and no forecast that was made turns out otherwise when it is made again.
    """
    if source_of(engine, raw.id) == ADJUSTED_KIND:
        return [], ()
    in_time = known_splits(engine, raw.origin, raw.symbol, seen)
    jumps = suspicious(raw, in_time)
    later = [
        split
        for split in (known_splits(engine, raw.origin, raw.symbol) if jumps else ())
        if split not in in_time and any(is_near(split.effective, jump.since, jump.time) for jump in jumps)
    ]
    if not later:
        return in_time, jumps
    anew = {split.effective for split in later}
    splits = [*(split for split in in_time if split.effective not in anew), *later]
    splits.sort(key=lambda split: split.effective)
    return splits, suspicious(raw, splits)
