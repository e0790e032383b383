"""One suite over every model in MODELS, so that a new one is covered by its line there."""

import numpy as np
import pytest

from flows.core.errors import ModelFailed
from flows.core.models import BASELINE, MODELS, ON_REQUEST, Model
from tests.conftest import SYMBOLS, real_series
from tests.core.models.suite import CLOSES, ORIGINS, forecast, walked
from tests.real_closes import closes

EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


@EVERY
def test_the_same_closes_give_the_same_forecasts(model: Model) -> None:
    """No chance and no memory: two walks agree in every bit, whatever else was asked for with them."""
    assert walked(model.name)[-2:].tolist() == model.walk(CLOSES, ORIGINS[-2:]).tolist()


@EVERY
def test_a_walk_leaves_the_closes_alone(model: Model) -> None:
    """A model does not write into the array that it is given, which is not to be written to."""
    assert walked(model.name).shape == ORIGINS.shape
    assert real_series("IBM", newest=60).closes.tolist() == CLOSES.tolist()


@EVERY
@pytest.mark.parametrize("origins", [[60, 42], []], ids=str)
def test_a_walk_gives_one_price_for_each_origin(model: Model, origins: list[int]) -> None:
    """The forecasts have the origins' shape and order, and are those of each origin alone."""
    forecasts = model.walk(CLOSES, np.array(origins, dtype=np.int64))
    expected = [forecast(model, CLOSES[:origin]) for origin in origins]
    assert (len(origins),) == forecasts.shape
    np.testing.assert_allclose(forecasts, np.array(expected, dtype=np.float64), rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ON_REQUEST])
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_forecast_lies_near_the_last_close(name: str, symbol: str) -> None:
    """On real prices no model that takes part by itself expects a change of more than five in a hundred."""
    known = real_series(symbol).closes
    assert forecast(MODELS[name], known) == pytest.approx(known[-1], rel=0.05)


@EVERY
def test_a_model_keeps_its_word_about_the_bars_that_it_needs(model: Model) -> None:
    """At the fewest bars that it names, a model forecasts or says that it failed."""
    outcome = forecast(model, CLOSES[: model.minimum_bars])
    assert isinstance(outcome, ModelFailed) or np.isfinite(outcome)


@EVERY
@pytest.mark.parametrize("price", [0.0012, 10.0, 250_000.0])
def test_constant_prices_are_expected_to_stay(model: Model, price: float) -> None:
    """Where nothing ever moved, the forecast is the same price, or a failure with a name."""
    outcome = forecast(model, np.full(60, price))
    assert isinstance(outcome, ModelFailed) or outcome == pytest.approx(price, rel=1e-6)


@EVERY
def test_a_thousandfold_of_the_prices_gives_that_of_the_forecasts(model: Model) -> None:
    """The unit of the prices does not matter."""
    np.testing.assert_allclose(model.walk(CLOSES * 1000, ORIGINS), walked(model.name) * 1000, rtol=5e-6)


@pytest.mark.parametrize("factor", [0.1, 1 / 3, 1000])
@pytest.mark.parametrize("name", ["auto-arima", "ets", "theta"])
def test_the_last_bit_of_a_unit_chooses_no_other_form(name: str, factor: float) -> None:
    """On closes on which a search once found another order after a division by ten."""
    known, origins = closes("AAPL")[-100:], np.array([90, 94, 98])
    expected = MODELS[name].walk(known, origins)
    np.testing.assert_allclose(MODELS[name].walk(known * factor, origins) / factor, expected, rtol=1e-8)


@EVERY
def test_what_was_estimated_can_be_written_down(model: Model) -> None:
    """Parameters are finite numbers or words, by name."""
    parameters = model.parameters(CLOSES)
    assert all(isinstance(value, str) or np.isfinite(value) for value in parameters.values())


def test_every_model_stands_under_its_own_name() -> None:
    """The registry's keys are the models' names, and the baseline is one of them."""
    assert list(MODELS) == [model.name for model in MODELS.values()]
    assert BASELINE in MODELS
