"""What every method for intervals promises, whatever the prices do."""

import dataclasses
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.core.errors import FixConfiguration, ModelFailed, TooLittleHistory
from flows.core.intervals import DEFAULT, INTERVALS, Bands, prediction_intervals, walk_intervals
from tests.conftest import real_series
from tests.core.intervals.cases import CHEAP, around_last_closes, changes, drawn, last_origins, path, shifts, starts

ORIGINS = 20


def same(one: Bands, other: Bands, count: int) -> bool:
    """Say whether two walks agree to the last bit at their first origins."""
    arrays = ("lower", "upper", "alphas")
    return all(np.array_equal(getattr(one, name)[:, :count], getattr(other, name)[:, :count]) for name in arrays)


@pytest.mark.parametrize("method", INTERVALS)
@given(
    st.integers(0, ORIGINS - 1), st.lists(st.floats(0.5, 2.0), min_size=ORIGINS, max_size=ORIGINS), st.integers(0, 9)
)
@settings(max_examples=10)
def test_what_comes_later_changes_nothing(method: str, place: int, garbage: list[float], seed: int) -> None:
    """The interval for a close is made without it, without later closes and without later forecasts."""
    closes = drawn(95, seed)
    origins = last_origins(closes, ORIGINS)
    points = closes[origins - 1]
    honest = walk_intervals(closes, points, origins, method=method)
    spoilt, later = closes.copy(), points.copy()
    spoilt[origins[place] :] *= garbage[: len(closes) - origins[place]]
    later[place + 1 :] *= garbage[place + 1 :]
    assert same(honest, walk_intervals(spoilt, later, origins, method=method), place + 1)


@pytest.mark.parametrize("method", CHEAP)
@given(starts, changes, shifts)
def test_the_limits_stand_in_order(method: str, start: float, steps: list[float], moved: list[float]) -> None:
    """The wider interval holds the narrower one, which holds the forecast; every limit is a price."""
    closes = path(start, steps)
    origins = last_origins(closes, ORIGINS)
    points = closes[origins - 1] * moved
    bands = walk_intervals(closes, points, origins, method=method)
    in_order = np.vstack([bands.lower[::-1], points, bands.upper])
    assert (np.diff(in_order, axis=0) >= 0).all()
    assert (bands.lower > 0).all()
    np.testing.assert_allclose(np.sqrt(bands.lower * bands.upper), np.vstack([points, points]), rtol=1e-9)


@pytest.mark.parametrize("method", CHEAP)
@given(starts, changes, shifts, st.floats(1e-3, 1e3))
def test_the_unit_of_the_prices_does_not_matter(
    method: str, start: float, steps: list[float], moved: list[float], factor: float
) -> None:
    """Prices in cents have limits in cents."""
    closes = path(start, steps)
    origins = last_origins(closes, ORIGINS)
    points = closes[origins - 1] * moved
    bands = walk_intervals(closes, points, origins, method=method)
    scaled = walk_intervals(closes * factor, points * factor, origins, method=method)
    np.testing.assert_allclose(scaled.lower, bands.lower * factor, rtol=1e-7)
    np.testing.assert_allclose(scaled.upper, bands.upper * factor, rtol=1e-7)


@pytest.mark.parametrize("factor", [1e-8, 0.01, 3.0, 1e7])
def test_garch_does_not_care_for_the_unit_either(factor: float) -> None:
    """Its optimiser meets the same returns but for rounding."""
    closes = drawn(150)
    expected = around_last_closes(closes, 45, "garch-t").upper * factor
    np.testing.assert_allclose(around_last_closes(closes * factor, 45, "garch-t").upper, expected, rtol=1e-4)


@pytest.mark.parametrize("method", INTERVALS)
@pytest.mark.parametrize("price", [1e-6, 1e9])
def test_very_small_and_very_large_prices_have_limits(method: str, price: float) -> None:
    """Limits are finite and apart, at a millionth and at a billion."""
    bands = around_last_closes(drawn(90) * (price / 50), ORIGINS, method)
    assert np.isfinite(bands.upper).all()
    assert (bands.lower[1] < bands.lower[0]).all()
    assert (bands.lower[0] < bands.upper[0]).all()


@pytest.mark.parametrize("method", INTERVALS)
def test_twice_is_the_same_to_the_last_bit(method: str) -> None:
    """Nothing is drawn at random, and a method keeps nothing between two walks."""
    closes = drawn(130)
    assert same(around_last_closes(closes, 30, method), around_last_closes(closes, 30, method), 30)


@pytest.mark.parametrize("method", CHEAP)
@pytest.mark.parametrize("count", [30, 31, 40, 99])
def test_a_short_history_is_enough_for_the_whole_contest(method: str, count: int) -> None:
    """From ten closes on, as the contest of the shortest history begins, there are intervals with a width."""
    closes = real_series("IBM").closes[:count]
    bands = around_last_closes(closes, min(count - 9, 21), method)
    assert (bands.lower[0] < bands.upper[0]).all()


@pytest.mark.parametrize("method", INTERVALS)
def test_constant_prices_give_no_width(method: str) -> None:
    """Where nothing ever moved, nothing is expected to."""
    point = 10.0
    assert ((point, point), (point, point)) == prediction_intervals(np.full(70, point), point, method=method)


@pytest.mark.parametrize("method", CHEAP)
@pytest.mark.parametrize("jump", [60.0, 150.0])
def test_a_jump_after_a_long_standstill_has_limits_that_are_prices(method: str, jump: float) -> None:
    """A stock that stood still but for a cent, and then moves once, is no reason for an infinite limit."""
    closes = np.array([100.0] * 5 + [100.01] * 72 + [jump, jump + 0.5, jump + 0.2])
    bands = around_last_closes(closes, 4, method)
    assert np.isfinite(bands.upper).all()
    assert (bands.lower > 0).all()
    assert (bands.upper <= closes[-4:] * max(jump / 100, 100 / jump) ** 3.01).all()


def test_garch_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package arch is an extra; who has not got it is told how to get it."""
    monkeypatch.setitem(sys.modules, "arch", None)
    with pytest.raises(FixConfiguration, match=r"pip install nextclose\[garch\]"):
        around_last_closes(drawn(90), 3, "garch-t")


def test_garch_says_where_it_cannot_be_fitted() -> None:
    """Returns that are nearly all zero have no likeliest parameters; the message names what can be used instead."""
    closes = np.array([100.0] * 5 + [100.01] * 72 + [60.0, 60.5, 60.2])
    with pytest.raises(ModelFailed, match=r"95% are zero\. Choose the method ewma-aci"):
        around_last_closes(closes, 1, "garch-t")


def test_garch_asks_for_more_history_than_it_gets() -> None:
    """Four parameters cannot be fitted to a month; the message names what can be used instead."""
    with pytest.raises(TooLittleHistory, match=DEFAULT):
        around_last_closes(drawn(59), 1, "garch-t")


def test_an_unknown_method_is_a_matter_of_configuration() -> None:
    """The message lists the methods that there are."""
    with pytest.raises(FixConfiguration, match=r"'nonsense'.*ewma-aci, gaussian, empirical, garch-t"):
        around_last_closes(drawn(59), 1, "nonsense")


@pytest.mark.parametrize("name", INTERVALS)
def test_a_method_is_registered_under_its_own_name(name: str) -> None:
    """What a report calls a method is what a parameter calls it; and nobody can change one."""
    method = INTERVALS[name]
    assert name == method.name
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.name = "other"  # type: ignore[misc]
