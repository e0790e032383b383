"""Tests of what the models do in the place of statsforecast's own methods: it must come to the same."""

import numpy as np
import pytest
from statsforecast.models import AutoETS

from flows.core.bars import Floats
from flows.core.models import auto_arima, smoothing
from tests.conftest import SYMBOLS, real_series

COUNTS = (30, 41, 120)
MORE = 15
"""Closes after those that a model was fitted to."""


def made(kind: str) -> Floats:
    """Return closes for which the search chooses another number of differences."""
    noise = np.random.default_rng(7).normal(0, 1, 80 + MORE)
    bent = 2 * np.cumsum(np.cumsum(noise * 0.02)) + np.random.default_rng(8).normal(0, 0.1, len(noise))
    return {"level": 100 + noise, "walk": 100 + np.cumsum(noise), "bent": 100 + bent, "still": np.full(95, 7.0)}[kind]


def compared(closes: Floats) -> tuple[Floats, Floats]:
    """Return the forecasts of the filter that goes on, and of one that begins anew each time."""
    known = len(closes) - MORE
    fitted = auto_arima._choose(closes[:known])
    origins = np.arange(known, len(closes) + 1)
    anew = [fitted.forward(y=closes[:origin], h=1)["mean"][0] for origin in origins]
    return auto_arima._filtered(fitted, closes, origins), np.array(anew)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.filterwarnings("ignore")
def test_the_filter_goes_on_as_if_it_had_begun_anew(symbol: str, count: int) -> None:
    """On real prices, whatever order was chosen."""
    closes = real_series(symbol, newest=count + MORE).closes
    np.testing.assert_allclose(*compared(closes / closes[count - 1]), rtol=1e-10)


@pytest.mark.parametrize("kind", ["level", "walk", "bent", "still"])
@pytest.mark.filterwarnings("ignore")
def test_the_filter_goes_on_with_any_number_of_differences(kind: str) -> None:
    """With a level, with a drift, twice differenced, and where nothing moves."""
    np.testing.assert_allclose(*compared(made(kind)), rtol=1e-10)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_ets_is_what_the_library_itself_fits(symbol: str) -> None:
    """To the last bit: what is spared has no part in the fit."""
    closes = real_series(symbol, newest=120).closes
    ours, theirs = smoothing._best(closes).model_, AutoETS(season_length=1).fit(closes).model_
    assert ours["method"] == theirs["method"]
    np.testing.assert_array_equal(ours["par"], theirs["par"])
