"""Tests of the contest of all models on closes that no model was made for: a sensible result, or failures with names."""

import numpy as np
import pytest

from flows.core.backtest import Contest, hold_contest
from flows.core.bars import Floats, Interval
from flows.core.models import MODELS, ON_REQUEST
from flows.core.recipe import Recipe
from tests.conftest import real_series
from tests.core.simulated import contest_over, series_of

ALTERNATING = 10.0 + np.arange(60) % 2
TWO_LEVELS = 10.0 + np.random.default_rng(3).integers(0, 2, 60)
ODD = {
    "constant": np.full(60, 10.0),
    "constant, then a step": np.repeat([10.0, 11.0], 30),
    "a step in the test window": np.repeat([10.0, 11.0], [50, 10]),
    "alternating": ALTERNATING,
    "two levels": TWO_LEVELS,
    "a straight line": np.arange(10.0, 70.0),
    "doubling": 2.0 ** np.arange(-20, 40),
    "tiny": 1e-6 * TWO_LEVELS,
    "thirty bars": real_series("IBM", newest=30).closes,
    "thirty constant bars": np.full(30, 10.0),
    "one crash": np.where(np.arange(60) < 45, 1e6, 1.0),
}


@pytest.mark.parametrize("closes", ODD.values(), ids=ODD.keys())
def test_odd_closes_give_a_result_or_failures_with_names(closes: Floats) -> None:
    """Every model has finite scores or a reason under its own name; the winner has forecasts that are prices."""
    contest, walks = hold_contest(series_of(closes), Recipe().contestants(Interval.DAILY))
    assert {score.name for score in contest.scores} == set(MODELS) - set(ON_REQUEST)
    for score in contest.scores:
        if score.failed is not None:
            assert score.failed.startswith(f"{score.name}: ")
        else:
            assert score.mse is not None
            assert np.isfinite([score.mse, score.mae, score.skill or 0.0, score.mase or 0.0]).all()
            assert score.p_value is None or 0 <= score.p_value <= 1
    assert contest.winner in walks
    assert 0 < walks[contest.winner].next_close < np.inf
    assert contest.score("naive").failed is None


def best(contest: Contest) -> tuple[str, str]:
    """Return the winner and the verdict."""
    return contest.winner, contest.verdict


@pytest.mark.parametrize("count", [30, 60])
def test_constant_closes_have_nothing_to_find(count: int) -> None:
    """Naive makes no error, so nobody is better, and it wins as the first among equals."""
    assert best(contest_over(np.full(count, 10.0))) == ("naive", "no better than naive")


def test_what_alternates_is_found_out() -> None:
    """A price that goes up and down in turn is no random walk, and the contest says so."""
    contest = contest_over(ALTERNATING)
    assert "arima" in contest.better
    assert contest.score("arima").mse == pytest.approx(0.0, abs=1e-20)
    assert contest.verdict == "better than naive"


def test_a_straight_line_goes_on() -> None:
    """Drift makes no error on a line, and is better than naive beyond chance."""
    contest = contest_over(np.arange(10.0, 70.0))
    assert "drift" in contest.better
    assert contest.score("drift").mse == pytest.approx(0.0, abs=1e-20)


def test_thirty_bars_are_enough_for_the_models_that_need_few() -> None:
    """Those that need more before the first origin say how many they need."""
    contest = contest_over(real_series("IBM", newest=30).closes)
    failed = {score.name: score.failed for score in contest.scores if score.failed}
    assert {"naive", "drift", "seasonal-naive", "arima", "ets", "theta"}.isdisjoint(failed)
    assert failed["xgboost"] == "xgboost: needs 30 bars for a forecast, the first one compared has 10"
