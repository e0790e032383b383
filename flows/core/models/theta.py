"""The dynamic standard Theta model, fitted by least squares in passes over the closes.

Its forecast of ``c[t+1]`` is the mean of two continuations: of simple exponential smoothing, which starts from a level
that is estimated, and of the straight line through the closes so far

    level[t] = alpha c[t] + (1 - alpha) level[t-1]
    forecast = level[t] + 1/2 (a[t] (1 - alpha)^(t+1) + b[t] (1 - (1 - alpha)^(t+2)) / alpha)

with the line's intercept a[t] and slope b[t] updated with every close. The line does not depend on alpha, and the
forecasts are linear in the level at the start: for each alpha the best level is an ordinary regression, and only alpha is
searched, as a root of the error's slope.
statsforecast gives the same forecasts for the same parameters; its time grows with the square of the closes.

Source: Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, Models for Optimising the Theta Method and Their
Relationship to State Space Models, International Journal of Forecasting 32, 2016.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flows.core.bars import Floats
from flows.core.models.base import Origins
from flows.core.models.refits import AFTER_GROWTH, FIRST_FIT, explained, fit_points, walk_between_fits

THETA = 2.0
"""The standard: a line of half the slope, as much smoothing as line."""
ALPHAS = np.linspace(0.1, 0.99, 10)
"""Where the search for the smoothing parameter looks first; it does not leave their range."""
START = 3
"""The first closes, whose errors do not count."""
STEP = 1e-30


Line = tuple[Floats, Floats]
"""The intercept and the slope after each close."""
Numbers = npt.NDArray[np.float64] | npt.NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Theta:
    """The dynamic standard Theta model: half of the trend's slope, updated with every close, on simple smoothing.

    The plain standard model estimates its trend from the whole series, so that what it says about an earlier close has
    seen the later ones; the dynamic one uses the closes before it alone.
    """

    name: str = "theta"
    minimum_bars: int = FIRST_FIT
    refit: str = AFTER_GROWTH

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the one-step forecasts of the model fitted last before each origin."""
        with explained(self.name):
            return walk_between_fits(closes, origins, fit)

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return the smoothing parameter and theta."""
        point = int(fit_points(np.array([len(closes)]))[0])
        return {"alpha": fit(closes[:point]).alpha, "theta": THETA}


@dataclass(frozen=True, slots=True)
class Smoothing:
    """A fitted model."""

    alpha: float
    level: float
    """Before the first close."""

    def one_step(self, closes: Floats, origins: Origins) -> Floats:
        """Return the forecast of the close at each origin from the closes before it."""
        from_nothing, of_level = _after_each(closes, _line(closes), self.alpha)
        return (from_nothing + self.level * of_level).real[origins - 1]


def fit(closes: Floats) -> Smoothing:
    """Return the parameters with the smallest sum of squared errors.

    Args:
        closes: Shape (n,), n > START.
    """
    # In units of the last close: the search must not take other steps for a price in cents.
    unit = float(closes[-1])
    known = closes / unit
    line = _line(known)
    alpha = _best_alpha(known, line)
    return Smoothing(alpha, unit * _level(known, *_after_each(known, line, alpha)).real)


def _best_alpha(closes: Floats, line: Line) -> float:
    """Return where the error is smallest: between two of the ALPHAS its slope changes its sign, or at one of them."""
    from scipy.optimize import brentq

    def slope(alpha: float) -> float:
        # The derivative without differences: a step along the imaginary axis loses no digits.
        return _error(closes, line, complex(alpha, STEP)).imag / STEP

    best = int(np.argmin([_error(closes, line, alpha).real for alpha in ALPHAS]))
    below, above = (float(ALPHAS[at]) for at in (max(best - 1, 0), min(best + 1, len(ALPHAS) - 1)))
    return float(brentq(slope, below, above) if slope(below) < 0 < slope(above) else ALPHAS[best])


def _line(closes: Floats) -> Line:
    """Return the least squares line through the closes up to each, as the model updates it."""
    number = np.arange(len(closes))
    means = np.cumsum(closes) / (number + 1)
    surprises = number[1:] * (closes[1:] - means[:-1])
    slopes = np.zeros_like(closes)
    slopes[1:] = 6 * np.cumsum(surprises) / (number[1:] * (number[1:] + 1) * (number[1:] + 2))
    return means - slopes * (number + 2) / 2, slopes


def _after_each(closes: Floats, line: Line, alpha: complex) -> tuple[Numbers, Numbers]:
    """Return the forecast after each close if the level starts at zero, and what a level of one adds to it."""
    from scipy.signal import lfilter

    intercepts, slopes = line
    fading = np.cumprod(np.full(len(closes), 1 - alpha))
    level = lfilter([alpha], [1, alpha - 1], closes)
    trend = intercepts * fading + slopes * (1 - (1 - alpha) * fading) / alpha
    return level + (1 - 1 / THETA) * trend, fading


def _level(closes: Floats, from_nothing: Numbers, of_level: Numbers) -> complex:
    """Return the level at the start that leaves the smallest errors."""
    missed, felt = closes[START:] - from_nothing[START - 1 : -1], of_level[START - 1 : -1]
    return complex(missed @ felt / (felt @ felt))


def _error(closes: Floats, line: Line, alpha: complex) -> complex:
    """Return the mean squared error of the best level; of a complex alpha, by the same polynomials."""
    from_nothing, of_level = _after_each(closes, line, alpha)
    forecasts = from_nothing + _level(closes, from_nothing, of_level) * of_level
    return complex(np.mean((closes[START:] - forecasts[START - 1 : -1]) ** 2))
