"""Stock splits: what is known of them, and histories put on the scale of their newest bar.

::

    raw closes        500  502  498 │ 50.1  50.4        a split of 10:1 takes effect where the line is
    adjusted closes  50.0 50.2 49.8 │ 50.1  50.4        what the models see; topic and ledger keep the raw ones
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

import numpy as np

from flows.core.bars import Bar, BarSeries, Floats

Teller = Literal["vendor", "person"]

NEAR_DAYS = 5
"""How many days the date that somebody tells may be away from the bar that changes: it may be that of the paying out."""
PLAIN = 0.2
"""The logarithm of a factor from which on a split can be told from an ordinary move, so that it is looked for nearby."""
LEAST = 0.001
"""The logarithm of a factor from which on it is not one for one."""
MOST_SHARES = 10_000
"""No split makes more shares of one, no reverse one fewer."""


@dataclass(frozen=True, slots=True)
class Split:
    """A split as somebody told of it, or the word that there was none."""

    effective: str
    """The ISO date from which on prices are in new units."""
    factor: float
    """How many shares one becomes: 10 for 10:1, 0.125 for 1:8; 1 says that the price really moved on this day."""
    by: Teller
    received_at: datetime

    @property
    def is_real_move(self) -> bool:
        """Say whether this is the word that there was no split."""
        return self.factor == 1.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Splits beside the bars that they changed."""

    shown: tuple[tuple[int, Split], ...] = ()
    """Those that the bars show, each with the number of the first bar in new units, and dated by it."""
    hidden: tuple[Split, ...] = ()
    """Those between two of the bars that do not show them: the bars are adjusted already, or the word is wrong."""

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits to adjust by."""
        return tuple(split for _, split in self.shown)


def adjusted(series: BarSeries, splits: Iterable[Split]) -> BarSeries:
    """Return the series in the units of its newest bar.

    Prices before a split's effective date are divided by its factor, volumes multiplied. Of a week or month in the middle
    of which a split took effect the close is in new units already, and the bar stays as it is.

    Args:
        series: Raw bars in the order of time.
        splits: Those after the newest bar change nothing yet.
    """
    last = series.last_time or ""
    known = [split for split in splits if split.effective <= last and not split.is_real_move]
    if not known:
        return series
    bars = tuple(_divided(bar, math.prod(s.factor for s in known if bar.time < s.effective)) for bar in series.bars)
    return replace(series, bars=bars)


def _divided(bar: Bar, factor: float) -> Bar:
    if factor == 1.0:
        return bar
    opened, high, low, close = (price / factor for price in bar[1:5])
    return Bar(bar.time, opened, high, low, close, bar.volume * factor)


def moves(series: BarSeries) -> Floats:
    """Return the logarithm of each close divided by the one before, shape (n - 1,)."""
    return np.diff(np.log(series.closes))


def place(series: BarSeries, splits: Sequence[Split]) -> Placed:
    """Find for each split the bar that it changed: the first one since its date, or one nearby that shows it.

    A split is shown by a bar whose close moves less with it than without it. One whose date and bar do not go together
    would otherwise be taken for two jumps instead of none, and prices that are adjusted already would be once more. One that
    is smaller than an ordinary move may not show although it is there: a person's word is enough then, for its own day.

    Args:
        series: Raw bars in the order of time.
        splits: All that is known; real moves are left out.
    """
    shown: list[tuple[int, Split]] = []
    hidden: list[Split] = []
    left = moves(series)
    # Where a person has denied a split, none is, whatever is told of a day nearby.
    free = set(range(1, len(series))) - {
        first_since(series, split.effective) for split in splits if split.is_real_move and split.by == "person"
    }
    for split in sorted(splits, key=lambda split: split.effective):
        at = None if split.is_real_move or _is_retold(split, splits) else _place(series, split, left, free)
        if at is not None:
            # Two splits may have changed the same month: the second one has to explain what the first one leaves.
            left[at - 1] += math.log(split.factor)
            shown.append((at, _dated(split, series, at)))
        elif not split.is_real_move and 0 < first_since(series, split.effective) < len(series):
            hidden.append(split)
    return Placed(tuple(shown), tuple(hidden))


def first_since(series: BarSeries, day: str) -> int:
    """Return the number of the first bar that ends on or after a day; their count if there is none."""
    return next((number for number, bar in enumerate(series.bars) if bar.time >= day), len(series))


def is_near(day: str, first: str, last: str) -> bool:
    """Say whether a day lies between two others, or only a few days outside."""
    at, begin, end = map(date.fromisoformat, (day, first[:10], last[:10]))
    return (begin - at).days <= NEAR_DAYS and (at - end).days <= NEAR_DAYS


def is_same(split: Split, other: Split) -> bool:
    """Say whether two words are of one split: the same factor, told for about the same day."""
    return is_near(split.effective, other.effective, other.effective) and math.isclose(
        split.factor, other.factor, rel_tol=0.01
    )


def _place(series: BarSeries, split: Split, left: Floats, free: Collection[int]) -> int | None:
    own, shift = first_since(series, split.effective), math.log(split.factor)
    is_small = abs(shift) < PLAIN
    if own in free and ((is_small and split.by == "person") or abs(left[own - 1] + shift) < abs(left[own - 1])):
        return own
    if is_small:
        return None
    near = [n for n in free if is_near(split.effective, series.bars[n].time, series.bars[n].time)]
    best = min(near, key=lambda number: abs(left[number - 1] + shift), default=None)
    return best if best is not None and abs(left[best - 1] + shift) < abs(shift) / 4 else None


def _is_retold(split: Split, splits: Sequence[Split]) -> bool:
    """Say whether a person tells of the vendor's small split as well: where it is that person's day, nobody can see."""
    is_small = abs(math.log(split.factor)) < PLAIN
    told = (one for one in splits if one.by == "person" and not one.is_real_move)
    return is_small and split.by == "vendor" and any(is_same(split, one) for one in told)


def _dated(split: Split, series: BarSeries, at: int) -> Split:
    return split if first_since(series, split.effective) == at else replace(split, effective=series.bars[at].time[:10])


def is_possible(factor: float) -> bool:
    """Say whether a split can have this factor."""
    return 1 / MOST_SHARES <= factor <= MOST_SHARES
