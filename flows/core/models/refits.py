"""When models that take long to fit are fitted anew, and how they walk from one fit to the next."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Protocol

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import ModelFailed
from flows.core.models.base import Origins

GROWTH = 0.02
"""A model is fitted anew when the history has grown by this share."""
FEWEST_CLOSES = 4
"""Or by this many closes, whichever is more."""
FIRST_FIT = 10
DIGITS = 10
"""Closes are rounded to so many decimals of the last one before a fit: a search for the best form must not hang on the
last bit of a price's unit."""
AFTER_GROWTH = f"when the history has grown by {GROWTH:.0%} (at least {FEWEST_CLOSES} closes)"
"""The policy in words."""


class Fitted(Protocol):
    """A model with its parameters, which no longer change."""

    def one_step(self, closes: Floats, origins: Origins) -> Floats:
        """Return the forecast of the close at each origin from the closes before it, without being fitted anew."""
        ...


def fit_points(origins: Origins, growth: float = GROWTH, fewest: int = FEWEST_CLOSES) -> Origins:
    """Return, for each origin, how many closes the model in use there was fitted to.

    ::

        fits      10  14  18  …  200    204    208  …
        origin                     └ 203: fitted to 200 closes, and applied to 203

    The points depend on nothing but the number of closes, so that a forecast is the same in every walk.

    Args:
        origins: Shape (k,), each at least FIRST_FIT.
        growth: The share by which the history grows between two fits.
        fewest: The fewest closes between two fits.
    """
    grid = _grid(growth, fewest, int(max(origins, default=FIRST_FIT)))
    return grid[np.searchsorted(grid, origins, side="right") - 1]


@lru_cache
def _grid(growth: float, fewest: int, last: int) -> Origins:
    points = [FIRST_FIT]
    while points[-1] < last:
        points.append(points[-1] + max(fewest, int(points[-1] * growth)))
    return np.array(points)


def walk_between_fits(closes: Floats, origins: Origins, fit: Callable[[Floats], Fitted]) -> Floats:
    """Forecast from each origin with the model that was fitted last before it, and never with a later one.

    Args:
        closes: Shape (n,).
        origins: Shape (k,), in any order.
        fit: Makes a fitted model of the closes up to one of the `fit_points`. What it gives for a close must depend on
            the closes before it alone.
    """
    forecasts = np.empty(len(origins))
    points = fit_points(origins)
    for point in np.unique(points):
        chosen = points == point
        known = int(origins[chosen].max())
        forecasts[chosen] = fit(closes[:point]).one_step(closes[:known], origins[chosen])
    return forecasts


def to_be_fitted(known: Floats) -> Floats:
    """Return closes in units of the last one, rounded."""
    rounded: Floats = np.round(known / known[-1], DIGITS)
    return rounded


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn whatever a model's library raises into ModelFailed, under that model's name."""
    try:
        yield
    except ModelFailed:
        raise
    except ImportError as error:
        what = error.name or str(error)
        raise ModelFailed(f"{name}: needs the package {what}, which cannot be imported here; install it") from error
    except Exception as error:  # statsforecast raises bare Exception where nothing could be fitted
        what = str(error).partition("\n")[0] or type(error).__name__
        raise ModelFailed(f"{name}: could not be fitted to these closes ({what})") from error


@contextmanager
def one_thread(name: str) -> Iterator[None]:
    """Give a model's library one thread, and explain what it raises.

    Threads of a linear algebra library make small matrices slower, by a factor of ten where several processors share them;
    and the order of sums would hang on their number.
    """
    with explained(name):
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            yield
