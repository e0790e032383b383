"""Tests of the default method at one origin."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from flows.core.intervals import LEVELS, IntervalState, prediction_intervals
from tests.conftest import SYMBOLS, real_series


def averages(moves: Sequence[float], decay: float) -> list[float]:
    """Return the average before each move and after the last, from sums over all moves before."""
    found = [0.0]
    for n in range(1, len(moves) + 1):
        average = 0.0
        for count, move in enumerate(moves[:n], 1):
            weight = max(1 / count, 1 - decay)
            average = (1 - weight) * average + weight * move
        found.append(average)
    return found


def quantile(moves: Sequence[float], share: float) -> float:
    """Return the number at rank share (n + 1), by a straight line between two ranks."""
    ordered = sorted(moves)
    rank = share * (len(ordered) + 1)
    if rank >= len(ordered):
        return ordered[-1]
    low = int(rank)
    return ordered[low - 1] * (1 - rank + low) + ordered[low] * (rank - low)


def slow(closes: Sequence[float], point: float, level: float) -> tuple[float, float]:
    """Return one interval by loops over plain numbers, written from the docstrings; for well-behaved closes."""
    moves = [abs(math.log(b / a)) for a, b in pairwise(closes)]
    fast, middle, lasting = (averages(moves, decay) for decay in (0.85, 0.97, 1.0))
    sizes = [0.45 * a + 0.45 * b + 0.1 * c for a, b, c in zip(fast, middle, lasting, strict=True)]
    usual = [math.log((1 + share) / (1 - share)) / math.log(4) for share in (0.0125 + 0.025 * i for i in range(40))]
    alpha = 1 - level
    for known in range(min(30, len(moves)), len(moves) + 1):
        seen = [move / size for move, size in zip(moves[10:known], sizes[10:known], strict=True)]
        standardised = [*usual, *seen][-500:]
        reach = sizes[known] * quantile(standardised, 1 - alpha) if alpha > 0 else math.inf
        reach = min(reach, 3 * max(moves[:known]))
        if known < len(moves):
            alpha += 0.05 * math.sqrt(level * (1 - level)) * (1 - level - (moves[known] > reach))
            alpha = min(max(alpha, 0), 2 * (1 - level))
    return point * math.exp(-reach), point * math.exp(reach)


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("count", [30, 31, 32, 100, 261, 565])
def test_a_slow_recount_gives_the_same_limits(symbol: str, count: int) -> None:
    """Loops over plain numbers find the same intervals, on short and on long histories."""
    closes = real_series(symbol).closes[:count]
    point = float(closes[-1]) * 1.01
    expected = [slow(closes.tolist(), point, level) for level in (0.8, 0.95)]
    np.testing.assert_allclose(prediction_intervals(closes, point), expected, rtol=1e-9)


@pytest.mark.parametrize("levels", [(0.5,), (0.25, 0.5, 0.9, 0.99)])
def test_other_levels_can_be_asked_for(levels: tuple[float, ...]) -> None:
    """One pair comes back for each level, one within the other."""
    limits = prediction_intervals(real_series("IBM").closes, 100.0, levels)
    assert len(levels) == len(limits)
    assert all(wide[0] < narrow[0] < narrow[1] < wide[1] for narrow, wide in pairwise(limits))


@pytest.mark.parametrize("levels", [(), (0.95, 0.8), (0.8, 0.8), (0.0, 0.5), (0.5, 1.0)])
def test_levels_that_make_no_sense_are_refused(levels: tuple[float, ...]) -> None:
    """Levels ascend between 0 and 1."""
    with pytest.raises(ValueError, match="levels must ascend"):
        prediction_intervals(real_series("IBM").closes, 100.0, levels)


def test_a_standstill_does_not_use_up_the_width() -> None:
    """After three years in which nothing could miss, ordinary moves are held again within weeks, not years."""
    random = np.random.default_rng(3)
    lively = np.exp(np.cumsum(0.01 * random.standard_normal(300)))
    closes = np.concatenate([100 * lively, np.full(750, 100 * lively[-1]), 100 * lively[-1] * lively])
    inside = []
    for n in range(1090, 1190):
        lower, upper = prediction_intervals(closes[:n], float(closes[n - 1]))[1]
        inside.append(lower <= closes[n] <= upper)
    assert np.mean(inside) >= 0.9


def test_the_widest_interval_of_constant_prices_has_no_width() -> None:
    """Even where a state asks for no miss at all."""
    nothing_missed = IntervalState("ewma-aci", LEVELS, (0.0, 0.0))
    assert prediction_intervals(np.full(40, 10.0), 10.0, state=nothing_missed) == ((10.0, 10.0), (10.0, 10.0))
