"""Tests of the prediction intervals."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.bars import Floats
from flows.core.intervals import prediction_intervals
from tests.conftest import SYMBOLS, real_series

changes = st.lists(st.floats(0.8, 1.25), min_size=30, max_size=80)
starts = st.floats(0.01, 1e5)


def path(start: float, steps: list[float]) -> Floats:
    """Return the closes that begin at `start` and change by these factors."""
    return np.asarray(start * np.cumprod([1.0, *steps]), dtype=np.float64)


def slow(closes: list[float], point: float, level: float) -> tuple[float, float]:
    """Return one interval by loops over plain numbers, written from the docstring."""
    returns = [math.log(b / a) for a, b in pairwise(closes)]
    variance = sum(r * r for r in returns[:10]) / 10
    moves = []
    for r in returns[10:]:
        moves += [abs(r) / math.sqrt(variance)] if variance > 0 else []
        variance = 0.94 * variance + 0.06 * r * r
    moves = sorted(moves[-250:])
    rank = min(math.ceil(level * (len(moves) + 1)), len(moves))
    reach = min((moves[rank - 1] if moves else 0.0) * math.sqrt(variance), 3 * max(map(abs, returns)))
    return point * math.exp(-reach), point * math.exp(reach)


@given(starts, changes, st.floats(0.9, 1.1))
def test_the_limits_stand_in_order(start: float, steps: list[float], shift: float) -> None:
    """The wider interval holds the narrower one, which holds the forecast."""
    closes = path(start, steps)
    point = float(closes[-1]) * shift
    (lower80, upper80), (lower95, upper95) = prediction_intervals(closes, point)
    assert lower95 <= lower80 <= point <= upper80 <= upper95


@given(starts, changes, st.floats(1e-3, 1e3))
def test_the_unit_of_the_prices_does_not_matter(start: float, steps: list[float], factor: float) -> None:
    """Prices in cents have limits in cents."""
    closes = path(start, steps)
    point = float(closes[-1])
    expected = np.array(prediction_intervals(closes, point)) * factor
    np.testing.assert_allclose(prediction_intervals(closes * factor, point * factor), expected, rtol=1e-6)


@given(starts, changes)
def test_up_and_down_are_equally_far_in_logarithms(start: float, steps: list[float]) -> None:
    """The forecast is the geometric mean of its limits, so a lower limit is always a price."""
    closes = path(start, steps)
    for lower, upper in prediction_intervals(closes, 50.0):
        assert lower > 0
        assert math.sqrt(lower) * math.sqrt(upper) == pytest.approx(50.0)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_slow_recount_gives_the_same_limits(symbol: str) -> None:
    """Loops over plain numbers find the same intervals, on short and on long histories."""
    closes = real_series(symbol).closes
    for n in (30, 31, 100, 261, 565):
        point = float(closes[n - 1])
        expected = [slow(closes[:n].tolist(), point, level) for level in (0.8, 0.95)]
        np.testing.assert_allclose(prediction_intervals(closes[:n], point), expected, rtol=1e-9)


@pytest.mark.parametrize(("level", "low", "high"), [(0, 0.70, 0.90), (1, 0.90, 0.99)], ids=["80 %", "95 %"])
def test_the_limits_hold_what_they_promise_on_real_prices(level: int, low: float, high: float) -> None:
    """Rolling over the last 200 sessions of each series, the share of closes inside is near the level."""
    inside = [_is_inside(symbol, n, level) for symbol in SYMBOLS for n in range(365, 565)]
    assert low <= float(np.mean(inside)) <= high


def test_constant_prices_give_no_width() -> None:
    """Where nothing ever moved, nothing is expected to."""
    point = 10.0
    assert ((point, point), (point, point)) == prediction_intervals(np.full(40, point), point)


@pytest.mark.parametrize("jump", [60.0, 150.0])
def test_a_jump_after_a_quiet_month_has_limits_that_are_prices(jump: float) -> None:
    """A stock that stood still but for a cent, and then moves once, is no reason for an infinite limit."""
    closes = np.array([100.0] * 5 + [100.01] * 22 + [jump, jump + 0.5, jump + 0.2])
    with np.errstate(over="ignore", under="ignore"):
        limits = np.array(prediction_intervals(closes, jump))
    assert np.isfinite(limits).all()
    assert (limits > 0).all()


def _is_inside(symbol: str, n: int, level: int) -> bool:
    closes = real_series(symbol).closes
    lower, upper = prediction_intervals(closes[:n], float(closes[n - 1]))[level]
    return bool(lower <= closes[n] <= upper)
