"""The exact likelihood of ARIMA(1,1,0) and its maximum, by ways that share nothing with the model but the definition.

The changes of the closes are a zero-mean AR(1) whose first value is drawn from its stationary law. The maximum is where
the derivative of the log-likelihood changes its sign, found by halving in extended precision, with no cubic in it.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from flows.core.bars import Floats
from flows.core.models import Origins

Long = npt.NDArray[np.longdouble]
HALVINGS = 70


def log_likelihood(phi: npt.ArrayLike, closes: Floats) -> Floats:
    """Return the exact log-likelihood at one or more φ, the variance at its own best, up to a constant.

    Args:
        phi: Between -1 and 1, shape () or (k,).
        closes: Shape (n,).
    """
    changes, share = np.diff(closes.astype(np.longdouble)), np.asarray(phi, np.longdouble)
    residuals = changes[1:] - share[..., None] * changes[:-1]
    squares = (1 - share**2) * changes[0] ** 2 + np.sum(residuals**2, axis=-1)
    return np.asarray((np.log1p(-(share**2)) - len(changes) * np.log(squares)) / 2, np.float64)


def _halved(falls: Callable[[Long], npt.NDArray[np.bool_]], count: int) -> Long:
    """Return where in [-1, 1] the likelihood begins to fall, each of `count` by itself."""
    high: Long = np.ones(count, np.longdouble)
    low: Long = -high
    for _ in range(HALVINGS):
        middle: Long = np.asarray((low + high) / 2, np.longdouble)
        down = falls(middle)
        low, high = np.where(down, low, middle), np.where(down, middle, high)
    return np.asarray((low + high) / 2, np.longdouble)


def _falls(count: Origins, phi: Long, squares: Long, slope: Long) -> npt.NDArray[np.bool_]:
    """Say whether the log-likelihood falls at φ, from the sum of squares there and its derivative."""
    return np.asarray(count * slope * (1 - phi**2) + 2 * phi * squares > 0)


def best_forecast(closes: Floats, origin: int) -> float:
    """Return the forecast at the maximum from one origin, every sum taken anew over all residuals."""
    known = closes[:origin].astype(np.longdouble)
    changes = np.diff(known)

    def falls(phi: Long) -> npt.NDArray[np.bool_]:
        residuals = changes[1:] - phi * changes[:-1]
        squares = (1 - phi**2) * changes[0] ** 2 + residuals @ residuals
        slope = -2 * phi * changes[0] ** 2 - 2 * changes[:-1] @ residuals
        return _falls(np.array([len(changes)]), phi, squares, slope)

    return float(known[-1] + _halved(falls, 1)[0] * changes[-1])


def best_forecasts(closes: Floats, origins: Origins) -> Floats:
    """Return the same for many origins at once, from sums that run along the series; origins are at least 3."""
    known = closes.astype(np.longdouble)
    changes = np.diff(known)
    last = changes[origins - 2]
    squared = np.cumsum(changes**2)[origins - 2]
    crossed = np.cumsum(changes[1:] * changes[:-1])[origins - 3]
    inner = squared - last**2 - changes[0] ** 2

    def falls(phi: Long) -> npt.NDArray[np.bool_]:
        squares = squared - 2 * phi * crossed + phi**2 * inner
        return _falls(origins - 1, phi, squares, 2 * (phi * inner - crossed))

    return np.asarray(known[origins - 1] + _halved(falls, len(origins)) * last, np.float64)
