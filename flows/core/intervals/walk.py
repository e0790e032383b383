"""Intervals at one origin after the other, each from what was known there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import TooLittleHistory
from flows.core.intervals.adaptation import adapted
from flows.core.intervals.base import LEVELS, Past, Spread
from flows.core.intervals.methods import DEFAULT, method_called
from flows.core.intervals.state import IntervalState
from flows.core.models import Origins

LARGEST_MOVES = 3
"""An interval reaches no further than this many times the largest move in the history, which is the widest."""
REHEARSAL = 31
"""The first origin at which adaptation begins: 20 moves have then been standardised."""
TIE = 1e-9
"""A close this near to a limit, as a part of the error, lies on it: rounding decides nothing."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Intervals at k origins for each level; arrays have the shape (levels, k)."""

    method: str
    levels: tuple[float, ...]
    lower: Floats
    upper: Floats
    alphas: Floats
    """The probabilities of a miss that were asked for; what was wanted is 1 - level."""

    def state_at(self, place: int) -> IntervalState:
        """Return the state with which the interval at one origin was made: 0 is the first, -1 the last."""
        return IntervalState(self.method, self.levels, tuple(self.alphas[:, place].tolist()))

    @property
    def state(self) -> IntervalState:
        """The state with which the last interval was made."""
        return self.state_at(-1)


def walk_intervals(
    closes: Floats,
    points: Floats,
    origins: Origins,
    levels: Sequence[float] = LEVELS,
    method: str = DEFAULT,
    state: IntervalState | None = None,
) -> Bands:
    """Make the intervals around forecasts, one step ahead from each origin.

    ::

        closes   c0 c1 … c30 c31 …  c98 │ c99  c100
        origin 99  └ rehearsal ────────┘└─▶ interval for c99 around its forecast, from c0 … c98 and earlier forecasts
                     around the close     origin 100: whether c99 was hit decides how wide this one is
                     before

    Intervals are symmetrical in logarithms around the point, positive, and one of a higher level holds those of lower
    ones. The same closes and points always give the same limits, at any unit of price.

    Args:
        closes: Shape (n,), in the quote's currency, oldest first, all positive.
        points: Shape (k,): the forecast of ``closes[origin]`` for each origin.
        origins: Shape (k,), consecutive, the last at most n: how many closes are known when the interval is made.
        levels: Wanted probabilities that the close lies inside, ascending.
        method: One of INTERVALS.
        state: What to begin with at the first origin; without it an adaptive method rehearses on the closes before.

    Raises:
        FixConfiguration: There is no such method, or a library that it needs is not installed.
        TooLittleHistory: The first origin has fewer closes than the method needs.
        ModelFailed: The method could not be fitted.
        ValueError: The arguments do not fit together.
    """
    chosen, begun = method_called(method), state or IntervalState.fresh(method, levels)
    _require_fitting(closes, points, origins, begun, IntervalState.fresh(method, levels))
    first, last = int(origins[0]), int(origins[-1])
    if first < chosen.minimum_bars:
        raise TooLittleHistory(
            f"forecast: intervals by the method {method} need {chosen.minimum_bars} closes, the first origin has "
            f"{first}. Choose the method {DEFAULT}"
        )
    rehearsed = chosen.adaptive and state is None
    past = Past(closes[:last], _centres(closes, points, first), min(REHEARSAL, first) if rehearsed else first)
    alphas, reaches = _walk(past, chosen.spreads(past), begun, chosen.adaptive)
    wanted = slice(first - past.first, None)
    factors = np.exp(reaches[:, wanted])
    return Bands(method, begun.levels, points / factors, points * factors, alphas[:, wanted])


def caught_up(state: IntervalState, closes: Floats, since: int) -> IntervalState:
    """Return the state for the next close, after closes that nobody had forecast.

    Each of them is judged as if the close before it had been the forecast.

    Args:
        state: The state for the interval of ``closes[since]``.
        closes: Shape (n,), as for walk_intervals.
        since: The first origin without a forecast, at most n; n changes nothing.

    Raises:
        FixConfiguration: A library that the state's method needs is not installed.
        TooLittleHistory: That origin has fewer closes than the method needs.
        ValueError: `since` is no origin of these closes.
    """
    origins = np.arange(since, len(closes) + 1)
    return walk_intervals(closes, closes[origins - 1], origins, state.levels, state.method, state).state


def prediction_intervals(
    closes: Floats,
    point: float,
    levels: Sequence[float] = LEVELS,
    method: str = DEFAULT,
    state: IntervalState | None = None,
) -> tuple[tuple[float, float], ...]:
    """Return one interval around `point` for each level: walk_intervals for the close that has not happened yet.

    Args:
        closes: Shape (n,), in the quote's currency, oldest first.
        point: The forecast, in the quote's currency.
        levels: As for walk_intervals.
        method: As for walk_intervals.
        state: As for walk_intervals.

    Returns:
        A (lower, upper) pair a level.
    """
    bands = walk_intervals(closes, np.array([point]), np.array([len(closes)]), levels, method, state)
    return tuple(zip(bands.lower[:, 0].tolist(), bands.upper[:, 0].tolist(), strict=True))


def _walk(past: Past, spreads: Iterable[Spread], begun: IntervalState, adaptive: bool) -> tuple[Floats, Floats]:
    """Return the alphas and the reaches for each close from `past.first` on, shape (levels, number of closes)."""
    widest = (LARGEST_MOVES * np.maximum.accumulate(np.abs(past.returns))).tolist()
    errors = (np.abs(past.errors) * (1 - TIE)).tolist()
    alphas, rows = begun.alphas, []
    for target, spread in enumerate(spreads, past.first):
        reaches = tuple(accumulate((min(spread(alpha), widest[target - 2]) for alpha in alphas), max))
        rows.append((alphas, reaches))
        if adaptive and target < len(past.closes):
            judged = zip(begun.levels, alphas, reaches, strict=True)
            alphas = tuple(adapted(level, alpha, errors[target - 1] > reach) for level, alpha, reach in judged)
    both = np.array(rows).transpose(1, 2, 0)
    return both[0], both[1]


def _centres(closes: Floats, points: Floats, first: int) -> Floats:
    """Return the close before each close, and from the first origin on the forecasts."""
    return np.concatenate(([np.nan], closes[: first - 1], points))


def _require_fitting(
    closes: Floats, points: Floats, origins: Origins, begun: IntervalState, expected: IntervalState
) -> None:
    if (begun.method, begun.levels) != (expected.method, expected.levels):
        raise ValueError(
            f"intervals: a state of {begun.method} for {begun.levels} does not serve {expected.method} for "
            f"{expected.levels}"
        )
    if not len(origins) or (np.diff(origins) != 1).any() or not 2 <= origins[0] <= origins[-1] <= len(closes):
        raise ValueError(f"intervals: origins must be consecutive and in 2 … {len(closes)}, not {origins}")
    if points.shape != origins.shape or not (points > 0).all():
        raise ValueError(f"intervals: {len(origins)} origins need as many positive forecasts, not {points}")
