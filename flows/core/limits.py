"""The intervals of one forecast: made with what was learned from earlier ones, measured in the contest's window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flows.core.backtest import Contest, Walk, contest_origins
from flows.core.bars import BarSeries, Floats
from flows.core.intervals import LEVELS, Bands, IntervalState, after, caught_up, walk_intervals
from flows.core.intervals.methods import method_called


@dataclass(frozen=True, slots=True)
class Limits:
    """What is said about how far the close may lie from its forecast."""

    around: Mapping[float, tuple[float, float]]
    """By level: (lower, upper)."""
    state: IntervalState
    """With what the intervals were made."""
    coverage: Mapping[float, float]
    """By level: the share of the contest's closes inside the intervals that they would have been given."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last forecast of a series before this one: what its intervals were made with, and where they lay."""

    as_of: str
    close: float
    """The as-of bar's close, on the scale of the limits."""
    state: IntervalState
    around: Mapping[float, tuple[float, float]]


def limits_for(
    history: BarSeries, walk: Walk, method: str, more: Sequence[float] = (), earlier: Earlier | None = None
) -> Limits:
    """Return the intervals around a model's forecast of the next close.

    Args:
        history: The bars known.
        walk: The model's forecasts at the contest's origins and of the next close.
        method: One of INTERVALS.
        more: Levels that are wanted besides LEVELS, each between 0 and 1.
        earlier: The forecast before this one; without it an adaptive method learns from the history alone.

    Raises:
        FixConfiguration: There is no such method, or a library that it needs is not installed.
        TooLittleHistory: The method needs more closes.
    """
    closes = history.closes
    levels = tuple(sorted({*LEVELS, *more}))
    origins = np.append(contest_origins(len(closes), history.symbol, history.interval), len(closes))
    # Where the history is short, some methods begin later than the contest; at the last origin they say that it is too short.
    possible = origins >= method_called(method).minimum_bars
    possible[-1] = True
    points = np.append(walk.forecasts, walk.next_close)[possible]
    bands = walk_intervals(closes, points, origins[possible], levels, method)
    learned = _learned(bands.state, earlier, history)
    made = walk_intervals(closes, points[-1:], origins[-1:], levels, method, learned)
    around = {level: (float(made.lower[i, 0]), float(made.upper[i, 0])) for i, level in enumerate(levels)}
    return Limits(around, learned, _coverage(bands, closes[origins[possible][:-1]]))


def measured(contest: Contest, limits: Limits) -> Contest:
    """Return the contest with the shares of its closes that the chosen model's intervals would have held."""
    return replace(contest, coverage80=limits.coverage.get(0.80), coverage95=limits.coverage.get(0.95))


def _coverage(bands: Bands, actuals: Floats) -> dict[float, float]:
    """Return the share inside by level; nothing where no interval could be compared."""
    if not len(actuals):
        return {}
    inside = (bands.lower[:, :-1] <= actuals) & (actuals <= bands.upper[:, :-1])
    return {level: float(share) for level, share in zip(bands.levels, inside.mean(axis=1), strict=True)}


def _learned(rehearsed: IntervalState, earlier: Earlier | None, history: BarSeries) -> IntervalState:
    """Return the state for the next close: the last one kept, brought up to now; rehearsed where none was kept."""
    if earlier is None or earlier.state.method != rehearsed.method:
        return rehearsed
    times = [bar.time for bar in history.bars]
    if earlier.as_of not in times[:-1]:
        return rehearsed
    closes = history.closes
    target = times.index(earlier.as_of) + 1
    # In relative terms, because a split may have changed the scale since.
    moved = closes[target] / closes[target - 1]
    missed = {
        level: not lower / earlier.close <= moved <= upper / earlier.close
        for level, (lower, upper) in earlier.around.items()
    }
    now = caught_up(after(earlier.state, missed), closes, target + 1)
    kept = dict(zip(now.levels, now.alphas, strict=True))
    both = zip(rehearsed.levels, rehearsed.alphas, strict=True)
    return IntervalState(rehearsed.method, rehearsed.levels, tuple(kept.get(level, alpha) for level, alpha in both))
