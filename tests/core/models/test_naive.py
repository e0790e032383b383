"""Tests of the forecasts that any model has to beat, against the textbook."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.models.naive import Drift, Naive

prices = st.lists(st.floats(0.01, 1e5), min_size=2, max_size=40)


@given(prices)
def test_the_naive_forecast_is_the_last_close(closes: list[float]) -> None:
    """The random walk expects no change, from any origin."""
    origins = np.arange(1, len(closes) + 1)
    assert closes == Naive().walk(np.array(closes), origins).tolist()


@given(prices)
def test_the_drift_is_the_line_through_the_first_and_the_last_close(closes: list[float]) -> None:
    """The textbook's formula: the last close plus the mean of all changes before."""
    origins = np.arange(2, len(closes) + 1)
    expected = [closes[n - 1] + sum(np.diff(closes[:n])) / (n - 1) for n in origins.tolist()]
    np.testing.assert_allclose(Drift().walk(np.array(closes), origins), expected, rtol=1e-9, atol=1e-6)


def test_the_drift_of_a_straight_line_goes_on() -> None:
    """A price that grows by two a day is expected to grow by two."""
    assert Drift().walk(np.arange(10.0, 20.0, 2.0), np.array([4, 5])).tolist() == [18.0, 20.0]


def test_the_drift_is_explained_by_the_mean_change() -> None:
    """What is estimated is the average change a bar."""
    assert Drift().parameters(np.array([10.0, 11.0, 14.0])) == {"drift": 2.0}


def test_the_naive_forecast_estimates_nothing() -> None:
    """There is no parameter to explain."""
    assert Naive().parameters(np.array([10.0])) == {}


@pytest.mark.parametrize(("model", "bars"), [(Naive(), 1), (Drift(), 2)], ids=["naive", "drift"])
def test_the_fewest_bars_are_named(model: Naive | Drift, bars: int) -> None:
    """One close is enough to repeat it, two are needed for a change."""
    assert bars == model.minimum_bars
