"""Tests of ARIMA(1,1,0) against statsmodels, and against a fine search of the exact likelihood."""

import warnings
from functools import lru_cache

import numpy as np
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from flows.core.bars import Floats
from flows.core.models import MODELS
from tests.conftest import SYMBOLS, real_series

ARIMA = MODELS["arima"]
ORIGINS = np.array([30, 60, 100, 200, 400, 564, 565])
TOLERANCE = 5e-6
"""The relative difference that statsmodels' optimiser leaves open."""


@lru_cache
def reference(symbol: str) -> tuple[float, ...]:
    """Return what statsmodels forecasts at each origin."""
    closes = real_series(symbol).closes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        models = [SARIMAX(closes[:n], order=(1, 1, 0), use_exact_diffuse=True) for n in ORIGINS]
        return tuple(float(model.fit(disp=0).forecast(1)[0]) for model in models)


def searched(closes: Floats) -> float:
    """Return the forecast at the maximum of the exact Gaussian likelihood of a zero-mean AR(1) on the changes."""
    changes = np.diff(closes)
    phi, reach = 0.0, 0.999
    while reach > 1e-9:
        grid = np.linspace(max(phi - reach, -0.999), min(phi + reach, 0.999), 201)
        squares = (1 - grid**2) * changes[0] ** 2 + np.sum((changes[1:] - grid[:, None] * changes[:-1]) ** 2, axis=1)
        phi = float(grid[np.argmin(len(changes) * np.log(squares) - np.log(1 - grid**2))])
        reach /= 50
    return float(closes[-1] + phi * changes[-1])


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_forecasts_are_those_of_statsmodels(symbol: str) -> None:
    """Refitted at every origin, with the exact diffuse start, on real prices."""
    np.testing.assert_allclose(ARIMA.walk(real_series(symbol).closes, ORIGINS), reference(symbol), rtol=TOLERANCE)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_forecasts_are_those_of_the_greatest_likelihood(symbol: str) -> None:
    """A search that shares no code with the model finds the same maximum."""
    closes = real_series(symbol).closes
    expected = [searched(closes[:origin]) for origin in ORIGINS]
    np.testing.assert_allclose(ARIMA.walk(closes, ORIGINS), expected, rtol=TOLERANCE)


@pytest.mark.parametrize("factor", [10, 1000])
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_unit_of_the_prices_does_not_matter(symbol: str, factor: float) -> None:
    """The exact start knows no unit, unlike statsmodels' default."""
    forecasts = ARIMA.walk(real_series(symbol).closes * factor, ORIGINS) / factor
    np.testing.assert_allclose(forecasts, reference(symbol), rtol=TOLERANCE)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_estimate_explains_the_forecast(symbol: str) -> None:
    """The forecast is the last close plus the last change times the estimated share of it."""
    closes = real_series(symbol).closes
    parameters = ARIMA.parameters(closes)
    expected = closes[-1] + float(parameters["ar.L1"]) * (closes[-1] - closes[-2])
    assert parameters["order"] == "(1,1,0)"
    assert ARIMA.walk(closes, np.array([len(closes)]))[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("phi", [-0.8, 0.0, 0.6])
def test_the_estimate_finds_what_was_planted(phi: float) -> None:
    """On two thousand simulated changes the estimate comes near to the truth."""
    noise = np.random.default_rng(7).normal(size=2_000)
    changes = np.zeros(2_000)
    for i in range(1, 2_000):
        changes[i] = phi * changes[i - 1] + noise[i]
    closes = 1_000 + np.cumsum(changes)
    assert float(ARIMA.parameters(closes)["ar.L1"]) == pytest.approx(phi, abs=0.06)
