"""Tests of the moving window."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.intervals.window import Window

numbers = st.lists(st.floats(0, 1e6), min_size=1, max_size=40)


@given(st.integers(1, 12), numbers, numbers, st.floats(0.001, 0.999))
def test_it_gives_the_quantile_of_the_newest_numbers(
    size: int, seen: list[float], added: list[float], alpha: float
) -> None:
    """Sorting the newest numbers anew gives the same; numpy calls this quantile Weibull's."""
    window = Window(size, seen)
    for number in added:
        window.add(number)
    newest = [*seen, *added][-size:]
    expected = np.quantile(newest, 1 - alpha, method="weibull")
    assert len(newest) == len(window)
    assert window.reach(alpha) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_nothing_may_be_exceeded() -> None:
    """Who wants no miss at all gets no limit."""
    assert math.inf == Window(3, [1.0, 2.0]).reach(0.0)
