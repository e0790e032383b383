"""Closes, forecasts and origins for the tests of intervals."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from flows.core.bars import Floats
from flows.core.intervals import INTERVALS, Bands, walk_intervals
from flows.core.models import Origins

CHEAP = tuple(name for name in INTERVALS if name != "garch-t")

changes = st.lists(st.floats(0.8, 1.25), min_size=30, max_size=80)
starts = st.floats(0.01, 1e5)
shifts = st.lists(st.floats(0.9, 1.1), min_size=20, max_size=20)


def path(start: float, steps: Sequence[float]) -> Floats:
    """Return the closes that begin at `start` and change by these factors."""
    return np.asarray(start * np.cumprod([1.0, *steps]), dtype=np.float64)


def drawn(count: int, seed: int = 7) -> Floats:
    """Return closes with quiet and wild times, like those of shares."""
    random = np.random.default_rng(seed)
    sizes = 0.01 * np.exp(0.7 * np.sin(np.arange(count - 1) / 40))
    return path(50.0, np.exp(sizes * random.standard_t(4, count - 1)).tolist())


def last_origins(closes: Floats, count: int) -> Origins:
    """Return the newest origins, the close that has not happened included."""
    return np.arange(len(closes) - count + 1, len(closes) + 1)


def around_last_closes(closes: Floats, count: int, method: str) -> Bands:
    """Walk the newest origins with naive forecasts."""
    origins = last_origins(closes, count)
    return walk_intervals(closes, closes[origins - 1], origins, method=method)
