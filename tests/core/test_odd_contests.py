"""Tests of the contest of all models on closes that no model was made for: a sensible result, or failures with names."""

from functools import lru_cache

import numpy as np
import pytest

from flows.core.backtest import Contest, Walk, hold_contest
from flows.core.bars import Interval
from flows.core.models import MODELS, ON_REQUEST
from flows.core.recipe import Recipe
from tests.conftest import real_series
from tests.core.simulated import series_of

TWO_LEVELS = 10.0 + np.random.default_rng(3).integers(0, 2, 60)
ODD = {
    "constant": np.full(60, 10.0),
    "alternating": 10.0 + np.arange(60) % 2,
    "two levels": TWO_LEVELS,
    "a straight line": np.arange(10.0, 70.0),
    "thirty bars": real_series("IBM", newest=30).closes,
    "thirty constant bars": np.full(30, 10.0),
}
ODDER = {
    "one crash": np.where(np.arange(60) < 45, 1e6, 1.0),
    "constant, then a step": np.repeat([10.0, 11.0], 30),
    "a step in the test window": np.repeat([10.0, 11.0], [50, 10]),
    "doubling": 2.0 ** np.arange(-20, 40),
    "tiny": 1e-6 * TWO_LEVELS,
    "huge": 1e9 * TWO_LEVELS,
    "mostly constant": np.where(np.arange(200) % 60 == 59, 11.0, 10.0),
    "cents": np.round(0.05 + 0.01 * np.random.default_rng(4).integers(0, 3, 300), 2),
}


@lru_cache
def held(name: str) -> tuple[Contest, dict[str, Walk]]:
    """Return the contest of all models that take part by themselves."""
    return hold_contest(series_of({**ODD, **ODDER}[name]), Recipe().contestants(Interval.DAILY))


@pytest.mark.parametrize("name", [*ODD, *(pytest.param(name, marks=pytest.mark.torture) for name in ODDER)])
def test_odd_closes_give_a_result_or_failures_with_names(name: str) -> None:
    """Every model has finite scores or a reason under its own name; the winner has forecasts that are prices."""
    contest, walks = held(name)
    assert {score.name for score in contest.scores} == set(MODELS) - set(ON_REQUEST)
    for score in contest.scores:
        if score.failed is not None:
            assert score.failed.startswith(f"{score.name}: ")
        else:
            figures = (score.mse, score.mae, score.skill or 0.0, score.mase or 0.0)
            assert all(figure is not None and np.isfinite(figure) for figure in figures)
            assert score.p_value is None or 0 <= score.p_value <= 1
    assert contest.winner in walks
    assert 0 < walks[contest.winner].next_close < np.inf
    assert contest.score("naive").failed is None


@pytest.mark.parametrize("name", ["constant", "thirty constant bars"])
def test_constant_closes_have_nothing_to_find(name: str) -> None:
    """Naive makes no error, so nobody is better, and it wins as the first among equals."""
    contest, _ = held(name)
    assert (contest.winner, contest.verdict, contest.up_days) == ("naive", "no better than naive", 0.0)


@pytest.mark.parametrize(("name", "model"), [("alternating", "arima"), ("a straight line", "drift")])
def test_what_never_errs_is_better_beyond_chance(name: str, model: str) -> None:
    """A price that goes up and down in turn, or always on, is no random walk, and the contest says so."""
    contest, _ = held(name)
    assert model in contest.better
    assert contest.score(model).mse == pytest.approx(0.0, abs=1e-20)
    assert contest.verdict == "better than naive"


def test_thirty_bars_are_enough_for_the_models_that_need_few() -> None:
    """Those that need more before the first origin say how many they need."""
    contest, _ = held("thirty bars")
    failed = {score.name: score.failed for score in contest.scores if score.failed}
    assert {"naive", "drift", "seasonal-naive", "arima", "ets", "theta"}.isdisjoint(failed)
    assert failed["xgboost"] == "xgboost: needs 30 bars for a forecast, the first one compared has 10"
