"""Tests of ARIMA of other orders than the default, which statsmodels fits."""

import numpy as np
import pytest

from flows.core.errors import FixConfiguration
from flows.core.models.arima import Arima
from flows.core.models.refits import fit_points
from flows.core.recipe import order_in
from tests.conftest import real_series
from tests.core.models.suite import leaks

ORDERS = pytest.mark.parametrize("order", [(2, 1, 1), (0, 1, 1), (2, 0, 0), (1, 2, 1)], ids=str)
CLOSES = real_series("AAPL", newest=140).closes
ORIGINS = np.array([100, 103, 110, 139, 140])


@ORDERS
def test_no_order_sees_what_comes_after_its_origin(order: tuple[int, int, int]) -> None:
    """Garbage in place of the later closes changes no forecast."""
    assert not leaks(Arima(order=order), CLOSES, ORIGINS)


@ORDERS
@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.EstimationWarning")
def test_the_forecast_at_a_fit_is_statsmodels_own(order: tuple[int, int, int]) -> None:
    """Where the model was fitted to all that is known, its forecast is what the library says, in units of the last close."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    point = int(fit_points(np.array([120]))[0])
    known = CLOSES[:point] / CLOSES[point - 1]
    fit = SARIMAX(known, order=order, use_exact_diffuse=True).fit(disp=0)
    expected = float(fit.forecast(1)[0]) * CLOSES[point - 1]
    assert Arima(order=order).walk(CLOSES, np.array([point]))[0] == pytest.approx(expected, rel=1e-6)


@ORDERS
@pytest.mark.parametrize("factor", [0.01, 1000.0])
def test_the_unit_of_the_prices_does_not_matter(order: tuple[int, int, int], factor: float) -> None:
    """A price in cents gives the forecast of one in dollars."""
    plain = Arima(order=order).walk(CLOSES, ORIGINS)
    np.testing.assert_allclose(Arima(order=order).walk(CLOSES * factor, ORIGINS) / factor, plain, rtol=1e-9)


@pytest.mark.parametrize("text", ["0,0,0", "6,1,0", "1,3,0", "1,1", "a,b,c", "-1,1,1", ""])
def test_what_is_no_order_is_refused(text: str) -> None:
    """Also what would take for ever, and what would forecast nothing."""
    with pytest.raises(FixConfiguration, match="no order of an ARIMA"):
        order_in(text)


def test_larger_orders_need_more_closes() -> None:
    """Ten parameters cannot be told from ten closes."""
    assert (Arima().minimum_bars, Arima(order=(2, 1, 1)).minimum_bars, Arima(order=(5, 2, 5)).minimum_bars) == (
        10,
        20,
        60,
    )
