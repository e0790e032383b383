"""Tests of Theta against statsforecast's recursion, and against its search."""

import numpy as np
import pytest
from statsforecast.models import DynamicTheta

from flows.core.bars import Floats
from flows.core.models.theta import START, Smoothing, Theta, fit
from tests.conftest import SYMBOLS, real_series

COUNTS = (10, 20, 60, 300)


def mean_squared_error(model: Smoothing, closes: Floats) -> float:
    """Return what `fit` makes small, from the forecasts alone."""
    origins = np.arange(START, len(closes))
    return float(np.mean((model.one_step(closes, origins) - closes[origins]) ** 2))


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_forecasts_are_those_of_statsforecast(symbol: str, count: int) -> None:
    """With the same parameters: within the closes, and after the last of them."""
    closes = real_series(symbol, newest=count).closes
    reference = DynamicTheta(season_length=1).fit(closes)
    found = reference.model_
    same = Smoothing(found["par"]["alpha"], found["par"]["initial_smoothed"])
    expected = [*(closes - found["residuals"])[START:], *reference.predict(1)["mean"]]
    np.testing.assert_allclose(same.one_step(closes, np.arange(START, count + 1)), expected, rtol=1e-12)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_fit_is_no_worse_than_that_of_statsforecast(symbol: str, count: int) -> None:
    """Its simplex search may stop early; ours finds where the slope of the error is zero."""
    closes = real_series(symbol, newest=count).closes
    found = DynamicTheta(season_length=1).fit(closes / closes[-1]).model_["par"]
    theirs = Smoothing(found["alpha"], found["initial_smoothed"] * closes[-1])
    assert mean_squared_error(fit(closes), closes) <= mean_squared_error(theirs, closes) * (1 + 1e-9)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_no_other_parameters_fit_better(symbol: str) -> None:
    """A grid over the whole range of alpha, with levels around the best one, finds nothing lower."""
    closes = real_series(symbol, newest=120).closes
    best = fit(closes)
    others = [
        Smoothing(alpha, level)
        for alpha in np.linspace(0.1, 0.99, 90)
        for level in (best.level, *closes[:3], *(best.level + np.linspace(-1, 1, 9) * closes.std()))
    ]
    assert mean_squared_error(best, closes) <= min(mean_squared_error(one, closes) for one in others)


def test_the_unit_of_the_prices_does_not_matter() -> None:
    """Prices in cents give the same forecasts, to the last digits."""
    closes, origins = real_series("IBM", newest=100).closes, np.arange(60, 101)
    in_cents = Theta().walk(closes * 100, origins) / 100
    np.testing.assert_allclose(in_cents, Theta().walk(closes, origins), rtol=1e-12)


def test_prices_that_never_move_are_forecast_to_stay() -> None:
    """There is nothing to fit, and nothing fails."""
    np.testing.assert_allclose(Theta().walk(np.full(40, 12.5), np.array([30, 40])), 12.5, rtol=1e-12)
