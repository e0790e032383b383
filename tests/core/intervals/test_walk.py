"""Tests of walking from origin to origin, and of the state that is carried along."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.intervals import (
    INTERVALS,
    LEVELS,
    IntervalState,
    after,
    caught_up,
    prediction_intervals,
    walk_intervals,
)
from flows.core.models import Origins
from tests.core.intervals.cases import CHEAP, drawn, last_origins

CLOSES = drawn(220)
ORIGINS = last_origins(CLOSES, 60)
POINTS = CLOSES[ORIGINS - 1] * np.random.default_rng(5).uniform(0.99, 1.01, 60)

levels = st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4, unique=True).map(sorted)


@given(st.integers(1, 59))
def test_a_walk_can_be_broken_off_and_taken_up_again(place: int) -> None:
    """From the state that was kept, the intervals go on as if there had been no break."""
    whole = walk_intervals(CLOSES, POINTS, ORIGINS)
    rest = walk_intervals(CLOSES, POINTS[place:], ORIGINS[place:], state=whole.state_at(place))
    assert np.array_equal(whole.lower[:, place:], rest.lower)
    assert np.array_equal(whole.upper[:, place:], rest.upper)
    assert np.array_equal(whole.alphas[:, place:], rest.alphas)


@pytest.mark.parametrize("method", INTERVALS)
def test_the_walk_is_one_step_of_adaptation_after_the_other(method: str) -> None:
    """Judging each close by its limits as they were given out leads from state to state."""
    bands = walk_intervals(CLOSES, POINTS, ORIGINS, method=method)
    for place, actual in enumerate(CLOSES[ORIGINS[:-1]]):
        missed = {
            level: not low <= actual <= high
            for level, low, high in zip(LEVELS, bands.lower[:, place], bands.upper[:, place], strict=True)
        }
        assert bands.state_at(place + 1) == after(bands.state_at(place), missed)


@pytest.mark.parametrize("method", INTERVALS)
def test_one_interval_is_the_last_step_of_a_walk(method: str) -> None:
    """The thin function and the walk are one."""
    bands = walk_intervals(CLOSES, POINTS[-1:], ORIGINS[-1:], method=method)
    expected = tuple(zip(bands.lower[:, -1], bands.upper[:, -1], strict=True))
    assert expected == prediction_intervals(CLOSES, float(POINTS[-1]), method=method)


@given(st.integers(40, 220), st.integers(0, 30))
def test_catching_up_is_the_rehearsal(since: int, more: int) -> None:
    """Closes that nobody had forecast are judged around the close before, as those before the first forecast are."""
    now = min(since + more, len(CLOSES))
    before, then = (walk_intervals(CLOSES[:n], CLOSES[n - 1 : n], np.array([n])).state for n in (since, now))
    assert then == caught_up(before, CLOSES[:now], since)


def test_a_miss_widens_and_a_hit_narrows() -> None:
    """The steps are Gibbs and Candès's, with a gamma of 0.02 at 80 %."""
    fresh = IntervalState("ewma-aci", LEVELS, (0.2, 0.05))
    missed, held = (after(fresh, {0.8: outside, 0.95: outside}) for outside in (True, False))
    assert missed.alphas[0] == pytest.approx(0.2 - 0.02 * 0.8)
    assert held.alphas[0] == pytest.approx(0.2 + 0.02 * 0.2)
    assert missed.alphas[1] < 0.05 < held.alphas[1]


@given(levels, st.lists(st.booleans(), max_size=200))
def test_alphas_stay_probabilities(wanted: list[float], outside: list[bool]) -> None:
    """However long all is missed or all is held, a state is a state."""
    state = IntervalState.fresh("ewma-aci", wanted)
    for missed in [*outside, *[True] * 150, *outside, *[False] * 600]:
        state = after(state, dict.fromkeys(wanted, missed))
    assert all(0 <= alpha <= 1 for alpha in state.alphas)


@pytest.mark.parametrize("method", [name for name in INTERVALS if not INTERVALS[name].adaptive])
def test_only_an_adaptive_method_learns(method: str) -> None:
    """The others ask for what is wanted, always."""
    fresh = IntervalState.fresh(method)
    assert fresh == after(fresh, {0.8: True, 0.95: True})
    assert fresh == walk_intervals(CLOSES, POINTS, ORIGINS, method=method).state


@given(st.sampled_from(list(INTERVALS)), levels, st.data())
def test_a_state_survives_a_database(method: str, wanted: list[float], data: st.DataObject) -> None:
    """Written as plain numbers by name and read again, it is the same to the last bit."""
    alphas = tuple(data.draw(st.floats(0, 1)) for _ in wanted)
    state = IntervalState(method, tuple(wanted), alphas)
    assert state == IntervalState.from_mapping(json.loads(json.dumps(state.mapping(), sort_keys=True)))


def test_a_state_is_written_in_plain_names() -> None:
    """Who looks into the database can read it."""
    state = IntervalState("ewma-aci", LEVELS, (0.21, 0.04))
    assert state.mapping() == {"ewma-aci:0.8": 0.21, "ewma-aci:0.95": 0.04}


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {"ewma-aci:0.8": 0.2, "gaussian:0.95": 0.05},
        {"ewma-aci:0.8": 1.2},
        {"ewma-aci": 0.2},
        {"ewma-aci:0.8": None},
    ],
)
def test_what_is_no_state_is_refused(mapping: dict[str, float]) -> None:
    """A row that was damaged, or mixed with another, is not taken for a state."""
    with pytest.raises((ValueError, TypeError)):
        IntervalState.from_mapping(mapping)


def test_the_state_of_another_method_is_refused() -> None:
    """What one method has learned means nothing to another, nor at other levels."""
    for state in (IntervalState.fresh("gaussian"), IntervalState.fresh("ewma-aci", (0.5, 0.9))):
        with pytest.raises(ValueError, match="does not serve"):
            walk_intervals(CLOSES, POINTS, ORIGINS, state=state)


@pytest.mark.parametrize("origins", [ORIGINS + 1, ORIGINS[::-1], ORIGINS * 0 + 50, ORIGINS[:0], np.arange(1, 61)])
def test_origins_that_make_no_sense_are_refused(origins: Origins) -> None:
    """They are consecutive and have closes before them."""
    with pytest.raises(ValueError, match="origins must be consecutive"):
        walk_intervals(CLOSES, POINTS[: len(origins)], origins)


@pytest.mark.parametrize("method", CHEAP)
def test_each_origin_needs_a_positive_forecast(method: str) -> None:
    """A forecast of nothing, below nothing or of no number has no interval."""
    for points in (POINTS[1:], -POINTS, POINTS * np.nan):
        with pytest.raises(ValueError, match="positive forecasts"):
            walk_intervals(CLOSES, points, ORIGINS, method=method)
