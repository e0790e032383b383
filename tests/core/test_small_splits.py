"""Tests of splits that are smaller than an ordinary move, which prices may hide."""

import numpy as np
import pytest

from flows.core.split_words import factor_in
from flows.core.splits import adjusted, moves, place
from tests.core.test_splits import DAYS, SERIES, a_split, numbers, raw

STEPS = moves(SERIES)
RISE, FALL = int(np.argmax(STEPS[20:100])) + 21, int(np.argmin(STEPS[20:100])) + 21
"""Bars that hide a split, which lowers prices, and a reverse one, which raises them."""
HIDDEN = pytest.mark.parametrize(("at", "factor"), [(RISE, 1.02), (FALL, 0.98)])


@HIDDEN
def test_a_small_split_of_a_persons_is_obeyed_on_its_day(at: int, factor: float) -> None:
    """The day's own move goes the other way and hides it; who knows of it has the last word."""
    split = a_split(DAYS[at], factor, "person")
    series = raw(SERIES, split)
    assert abs(moves(series)[at - 1]) < abs(STEPS[at - 1])
    placed = place(series, [split])
    assert (placed.shown, placed.hidden) == (((at, split),), ())
    assert numbers(adjusted(series, placed.splits)) == [pytest.approx(bar) for bar in numbers(SERIES)]


@HIDDEN
def test_the_vendors_has_to_show(at: int, factor: float) -> None:
    """Its day may be another one, and nothing near the day tells."""
    split = a_split(DAYS[at], factor)
    assert place(raw(SERIES, split), [split]).hidden == (split,)


def test_a_persons_large_split_has_to_show() -> None:
    """There the prices themselves say that the word is wrong."""
    split = a_split(DAYS[60], 1.25, "person")
    assert place(SERIES, [split]).hidden == (split,)


@pytest.mark.parametrize("days", [-3, -1, 1, 3])
@HIDDEN
def test_a_small_split_told_twice_is_done_on_the_persons_day(at: int, factor: float, days: int) -> None:
    """Wherever the vendor dates it."""
    word, listed = a_split(DAYS[at], factor, "person"), a_split(DAYS[at + days], factor)
    placed = place(raw(SERIES, word), [listed, word])
    assert (placed.shown, placed.hidden) == (((at, word),), (listed,))


def test_a_persons_denial_nearby_hides_no_small_split() -> None:
    """It is no word of another split, however near to one for one the factor is."""
    listed, denied = a_split(DAYS[FALL], 1.005), a_split(DAYS[FALL + 2], 1.0, "person")
    assert place(raw(SERIES, listed), [listed, denied]).splits == (listed,)
    assert place(raw(SERIES, listed), [listed, a_split(DAYS[FALL], 1.0, "person")]).splits == ()


@pytest.mark.parametrize("text", ["1.0000001", "1.0009", "0.9991", "1000:1001", "1:1.0000001", "999999999:999999998"])
def test_what_is_nearly_one_for_one_is_no_split(text: str) -> None:
    """It would do nothing, or count as the word that there was none."""
    assert factor_in(text) is None
    assert factor_in("1.0011") == 1.0011
