"""Tests of ARIMA(1,1,0) at every origin against an independent search of the exact likelihood."""

from functools import lru_cache

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from flows.core.bars import Floats
from flows.core.models import MODELS, Origins, exact
from tests.core.models.likelihood import best_forecast, best_forecasts, log_likelihood
from tests.core.models.made_series import COUNTS, KINDS, SERIES, made
from tests.real_closes import EIGHT, closes

ARIMA = MODELS["arima"]
FIRST = 3
SAME = 1e-9
"""The relative difference that is allowed between a forecast and the one of the greatest likelihood."""
ROUNDING = 1e-11


def every_origin(known: Floats) -> Origins:
    """Return all origins from the third on, the close that has not happened yet among them."""
    return np.arange(FIRST, len(known) + 1)


@lru_cache(maxsize=8)
def walked(name: str) -> Floats:
    """Return the model's forecasts from every origin of one of the real series."""
    return ARIMA.walk(closes(name), every_origin(closes(name)))


def of_kind(kind: str) -> list[Floats]:
    """Return the made series of one kind."""
    return [made(*key) for key in SERIES if key[0] == kind]


@pytest.mark.parametrize("name", EIGHT)
def test_on_real_closes_every_forecast_is_that_of_the_greatest_likelihood(name: str) -> None:
    """From every origin of eight long series of real closes."""
    known = closes(name)
    np.testing.assert_allclose(walked(name), best_forecasts(known, every_origin(known)), rtol=SAME, atol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_on_made_closes_every_forecast_is_that_of_the_greatest_likelihood(kind: str) -> None:
    """From every origin of twenty series of each kind, at prices of a millionth, of one, and of a milliard."""
    for known in of_kind(kind):
        origins = every_origin(known)
        np.testing.assert_allclose(ARIMA.walk(known, origins), best_forecasts(known, origins), rtol=SAME, atol=0)


@pytest.mark.parametrize(
    "every", [499, pytest.param(1, marks=[pytest.mark.torture, pytest.mark.timeout(3_000)])], ids="every {}".format
)
@pytest.mark.parametrize("name", EIGHT)
def test_running_sums_and_all_sums_anew_have_the_same_maximum(name: str, every: int) -> None:
    """The search that the model is held against is itself held against one that adds up every residual anew."""
    known = closes(name)
    origins = every_origin(known)[::every]
    expected = [best_forecast(known, origin) for origin in origins]
    np.testing.assert_allclose(best_forecasts(known, origins), expected, rtol=1e-13, atol=0)
    np.testing.assert_allclose(ARIMA.walk(known, origins), expected, rtol=SAME, atol=0)


@pytest.mark.parametrize(
    "every", [500, pytest.param(1, marks=[pytest.mark.torture, pytest.mark.timeout(3_000)])], ids="every {}".format
)
@pytest.mark.parametrize("kind", KINDS)
def test_on_made_closes_all_sums_anew_have_the_same_maximum(kind: str, every: int) -> None:
    """Neither jumps nor unit roots nor pauses make the running sums differ from sums taken anew."""
    for known in of_kind(kind):
        origins = every_origin(known)[::-every]
        expected = [best_forecast(known, origin) for origin in origins]
        np.testing.assert_allclose(ARIMA.walk(known, origins), expected, rtol=SAME, atol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_share_is_more_likely(kind: str) -> None:
    """On a grid over all shares between -1 and 1 the likelihood is nowhere greater than at the estimate."""
    grid = np.linspace(-0.9995, 0.9995, 100)
    for known in of_kind(kind):
        phi = exact.Running.over(known).phi
        if abs(phi) < 1 and np.ptp(known) > 0:
            best = float(log_likelihood(phi, known))
            assert log_likelihood(grid, known).max() <= best + 1e-9 * abs(best)


def test_the_likelihood_is_that_of_the_normal_distribution() -> None:
    """The reference's likelihood is the density of the changes under the covariance of a stationary AR(1)."""
    known = made("geometric", 40, 0)
    changes = np.diff(known)
    lags = np.abs(np.subtract.outer(np.arange(39), np.arange(39)))

    def density(phi: float) -> float:
        covariance = phi**lags / (1 - phi**2)
        variance = float(changes @ np.linalg.solve(covariance, changes)) / 39
        return float(multivariate_normal(np.zeros(39), variance * covariance).logpdf(changes))

    shares = (-0.95, -0.3, 0.1, 0.7, 0.99)
    gaps = [density(phi) - float(log_likelihood(phi, known)) for phi in shares]
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-9)


@pytest.mark.parametrize("name", EIGHT)
def test_a_thousandfold_of_real_closes_gives_that_of_the_forecasts(name: str) -> None:
    """The exact start knows no unit, unlike statsmodels' default: from every origin."""
    known = closes(name)
    np.testing.assert_allclose(ARIMA.walk(known * 1000, every_origin(known)), walked(name) * 1000, rtol=ROUNDING)


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousandfold_of_made_closes_gives_that_of_the_forecasts(kind: str) -> None:
    """The unit does not matter where a series is odd either."""
    for known in of_kind(kind):
        origins = every_origin(known)
        np.testing.assert_allclose(ARIMA.walk(known * 1000, origins), ARIMA.walk(known, origins) * 1000, rtol=SAME)


@pytest.mark.parametrize("count", COUNTS)
def test_a_panel_is_walked_as_each_series_alone(count: int) -> None:
    """Many series at once, more than are worked on together, give the same bits as one by one."""
    rows = [made(*key) for key in SERIES if key[1] == count]
    panel = np.array((rows * 6)[: exact.ROWS + 10])
    origins = every_origin(panel[0])
    expected = np.array([ARIMA.walk(row, origins) for row in rows])
    np.testing.assert_allclose(ARIMA.walk(panel, origins)[: len(rows)], expected, rtol=ROUNDING)
    np.testing.assert_allclose(ARIMA.walk(panel, origins)[exact.ROWS :], expected[6:16], rtol=ROUNDING)
