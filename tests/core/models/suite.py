"""What every model is tested with."""

from functools import lru_cache

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import ModelFailed
from flows.core.models import MODELS, Model, Origins
from tests.conftest import real_series

CLOSES = real_series("IBM", newest=60).closes.copy()
CLOSES.setflags(write=False)
ORIGINS: Origins = np.array([42, 45, 50, 55, 60])
"""Among them some at which a model has just been fitted, and some up to three closes later."""
SAME = 1e-9
"""The relative difference that rounding alone may make between two ways of computing one forecast."""


@lru_cache
def walked(name: str) -> Floats:
    """Return what a model of MODELS forecasts of CLOSES from the ORIGINS."""
    return MODELS[name].walk(CLOSES, ORIGINS)


def leaks(model: Model, closes: Floats = CLOSES, origins: Origins = ORIGINS) -> bool:
    """Say whether any forecast changes when the closes after its origin are replaced by garbage.

    ::

        walk together    c0 c1 c2 c3 c4 c5      origins 3 and 4
        walk alone       c0 c1 c2 ▒▒ ▒▒ ▒▒      origin 3 must forecast the same

    """
    together = model.walk(closes, origins)
    alone = [model.walk(_garbled(closes, int(origin)), np.array([origin]))[0] for origin in origins]
    return not np.allclose(together, alone, rtol=SAME, atol=0)


def _garbled(closes: Floats, origin: int) -> Floats:
    garbage = np.random.default_rng(origin).uniform(1, 1e6, len(closes) - origin)
    return np.concatenate((closes[:origin], garbage))


def forecast(model: Model, closes: Floats) -> float | ModelFailed:
    """Return a model's forecast of the close after the last one, or the error that it names."""
    try:
        return float(model.walk(closes, np.array([len(closes)]))[0])
    except ModelFailed as failed:
        return failed
