"""Tests of the measures of intervals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.intervals.measures import coverage, coverage_band, interval_score

LOWER, UPPER = np.array([1.0, 1.0, 1.0, 1.0]), np.array([2.0, 2.0, 2.0, 3.0])
ACTUALS = np.array([1.0, 2.0, 2.5, 0.5])


def test_coverage_counts_the_limits_as_inside() -> None:
    """Two closes lie on a limit, two outside."""
    assert coverage(LOWER, UPPER, ACTUALS) == 0.5


def test_a_miss_costs_its_distance_over_half_the_promised_share() -> None:
    """Widths 1, 1, 1, 2, and two misses by one half at 80 %, each costing ten times that."""
    assert interval_score(LOWER, UPPER, ACTUALS, 0.8) == pytest.approx((5 + 2 * 0.5 * 10) / 4)


def test_no_interval_scores_better_on_average_than_the_true_quantiles() -> None:
    """Drawn from a normal distribution: neither narrower nor wider limits pay."""
    actuals = np.random.default_rng(1).standard_normal(20_000)
    scores = {
        factor: interval_score(np.full(20_000, -1.2816 * factor), np.full(20_000, 1.2816 * factor), actuals, 0.8)
        for factor in (0.8, 1.0, 1.25)
    }
    assert min(scores, key=lambda factor: scores[factor]) == 1.0


@given(st.integers(20, 3000), st.sampled_from([0.8, 0.95]))
def test_the_band_holds_what_was_promised_and_narrows(count: int, level: float) -> None:
    """More intervals leave less room for chance."""
    low, high = coverage_band(count, level)
    assert low <= level <= high
    wider_low, wider_high = coverage_band(count // 4, level)
    assert high - low <= wider_high - wider_low


@pytest.mark.parametrize(("count", "level"), [(20, 0.8), (100, 0.95), (252, 0.95)])
def test_the_band_is_the_binomial_one(count: int, level: float) -> None:
    """At most half a percent lies on either side; one hit more or less would leave out more than that."""
    chances = [math.comb(count, hits) * level**hits * (1 - level) ** (count - hits) for hits in range(count + 1)]
    low, high = (round(limit * count) for limit in coverage_band(count, level))
    assert sum(chances[:low]) <= 0.005 < sum(chances[: low + 1])
    assert sum(chances[high + 1 :]) <= 0.005 < sum(chances[high:])
