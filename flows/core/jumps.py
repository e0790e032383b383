"""Moves that look like splits which nobody has told of."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from flows.core.bars import BarSeries, Floats, Interval
from flows.core.errors import RejectData
from flows.core.split_words import ratio_in_words
from flows.core.splits import PLAIN, Split, adjusted, first_since, moves, place

_WHOLE = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30)
SIMPLE = (*map(float, _WHOLE), 5 / 4, 4 / 3, 3 / 2, 5 / 3, 5 / 2, *(1 / factor for factor in _WHOLE), 2 / 3)
"""The factors that splits have, up to 30:1; hardly any reverse one is a fraction."""
OUTLIER = 5.0
"""How many times the ordinary move a jump is at least."""
TOLERANCE_MOVES, TOLERANCE_LEAST, TOLERANCE_MOST = 3.0, 0.05, 0.3
"""How far from a simple factor a jump may be: so many ordinary moves, within limits for the logarithm."""
STILL = 0.005
"""The smallest ordinary move: prices that hardly ever change have none of their own."""
HUGE = math.log(5)
"""The logarithm of a jump that needs no simple factor, and that is none of the ordinary even among wild prices."""
FEWEST = 10
"""Moves from which on it can be said what is ordinary."""


class Jump(NamedTuple):
    """A move between two neighbouring bars that looks like a split."""

    since: str
    """The time of the bar before."""
    time: str
    before: float
    """The raw close before, and the one after."""
    after: float
    factor: float
    """The simple factor nearest to it."""

    @property
    def day(self) -> str:
        """The ISO date of the bar after."""
        return self.time[:10]

    @property
    def is_huge(self) -> bool:
        """Say whether prices hardly ever move so far by themselves."""
        return abs(self._move) > HUGE

    @property
    def _move(self) -> float:
        return math.log(self.after / self.before)

    def is_smaller_with(self, factor: float) -> bool:
        """Say whether a split of this factor would explain some of it."""
        return abs(self._move + math.log(factor)) < abs(self._move)

    def is_gone_with(self, factor: float) -> bool:
        """Say whether a split of this factor would leave no more than an ordinary move."""
        return abs(self._move + math.log(factor)) < PLAIN


def suspicious(series: BarSeries, splits: Sequence[Split] = ()) -> tuple[Jump, ...]:
    """Return the jumps that look like splits and that nothing explains.

    A jump is far outside the ordinary moves of its series, and near to a simple factor by its open, at which splits take
    effect; of weeks and months, and where the open repeats the close before, by its close. Within a session there is no
    split. The ordinary move is the larger one of two robust estimates of a standard deviation: 1.4826 times the median
    absolute move, and the ninetieth percentile divided by 1.645, so that prices which mostly stand still have one too.

    Args:
        series: Raw bars in the order of time.
        splits: All that is known: a split explains its jump as far as it removes it, one that a person told of as soon as
            it removes some of it, and that the price really moved explains it all.
    """
    placed = place(series, splits)
    even = adjusted(series, placed.splits)
    settled = {at for at, split in placed.shown if split.by == "person"}
    settled |= {first_since(series, split.effective) for split in splits if split.is_real_move}
    return tuple(_jump(series, number, factor) for number, factor in _found(even).items() if number not in settled)


def _jump(series: BarSeries, number: int, factor: float) -> Jump:
    before, after = series.bars[number - 1], series.bars[number]
    return Jump(before.time, after.time, before.close, after.close, factor)


def _found(series: BarSeries) -> dict[int, float]:
    """Return the bars that come after a jump, with its factor."""
    steps = moves(series)
    if len(steps) < FEWEST:
        return {}
    scale = _ordinary(steps)
    tolerance = min(max(TOLERANCE_LEAST, TOLERANCE_MOVES * scale), TOLERANCE_MOST)
    found = {}
    for number in np.flatnonzero(np.abs(steps) > min(OUTLIER * scale, HUGE + scale)) + 1:
        factor = _factor(series, int(number), tolerance)
        if factor is not None:
            found[int(number)] = factor
    return found


def _ordinary(steps: Floats) -> float:
    sizes = np.abs(steps)
    return max(STILL, 1.4826 * float(np.median(sizes)), float(np.quantile(sizes, 0.9)) / 1.645)


def _factor(series: BarSeries, number: int, tolerance: float) -> float | None:
    """Return the factor of the split that a bar seems to have brought, or None."""
    before, after = series.bars[number - 1], series.bars[number]
    if series.interval.minutes is not None and before.time[:10] == after.time[:10]:
        return None
    closed = math.log(after.close / before.close)
    opened = math.log(after.open / before.close)
    tells = series.interval not in (Interval.WEEKLY, Interval.MONTHLY) and opened != 0.0
    factor = _nearest(opened if tells else closed, tolerance)
    if factor is not None and abs(closed + math.log(factor)) < abs(closed) / 2:
        return factor
    return _nearest(closed, tolerance) if abs(closed) > HUGE else None


def _nearest(move: float, tolerance: float) -> float | None:
    nearest = min(SIMPLE, key=lambda factor: abs(move + math.log(factor)))
    if abs(move + math.log(nearest)) <= tolerance:
        return nearest
    whole = float(round(math.exp(abs(move))))
    return None if abs(move) <= HUGE else whole if move < 0 else 1 / whole


def held_back(symbol: str, jumps: Sequence[Jump], why: str, option: str = "") -> RejectData:
    """Return the error that keeps a symbol from being forecast across jumps that nobody has explained.

    Args:
        symbol: Whose prices they are.
        jumps: At least one; the newest is told in full.
        why: Why nobody has explained them.
        option: What the commands need besides, with a space in front.
    """
    last, ratio = jumps[-1], ratio_in_words(jumps[-1].factor)
    more = f" (before it, likewise on {', '.join(jump.day for jump in jumps[:-1])})" if len(jumps) > 1 else ""
    command, where = "nextclose splits", f"{symbol} {last.day}"
    return RejectData(
        f"{symbol}, clean: the close goes from {last.before:g} on {last.since} to {last.after:g} on {last.time}{more}, which "
        f"looks like a split of {ratio}, and {why or 'nothing explains it'}. No forecast is made across it: if it is one, tell so by `{command} "
        f"confirm {where} {ratio.removesuffix(':1')}{option}`; if the price really moved, by `{command} deny {where}{option}`"
    )
