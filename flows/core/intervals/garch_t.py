"""Intervals from GARCH(1,1) with Student's t. Needs the package `arch`: `pip install nextclose[garch]`."""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import FixConfiguration, ModelFailed
from flows.core.intervals.base import Past, Spread

REFIT = 20
"""The parameters for t known closes are fitted to the closes before the last multiple of this."""
BURN_IN = 75
"""The variance before the first return is the mean square of this many, as in the package arch."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The parameters of one fit, for returns as they are."""

    omega: float
    alpha: float
    beta: float
    freedom: float

    def variances(self, returns: Floats, first: float) -> list[float]:
        """Return the variance expected of each return from those before it, and of the next one.

        Args:
            returns: Log returns, oldest first.
            first: The variance before any return is known.
        """
        variances = [first]
        for square in (returns**2).tolist():
            variances.append(self.omega + self.alpha * square + self.beta * variances[-1])
        return variances


@dataclass(frozen=True, slots=True)
class GarchT:
    """GARCH(1,1) with zero mean and Student's t, fitted by maximum likelihood every 20 closes.

    Source: Bollerslev, A Conditionally Heteroskedastic Time Series Model for Speculative Prices and Rates of Return,
    Review of Economics and Statistics 69, 1987.
    """

    name: str = "garch-t"
    minimum_bars: int = 60
    adaptive: bool = False

    def spreads(self, past: Past) -> Iterator[Spread]:
        """Give the spread for each close from `past.first` on."""
        returns, last = past.returns, len(past.closes)
        for start in range(past.first - past.first % REFIT, last + 1, REFIT):
            end = min(start + REFIT - 1, last)
            fit = _fit(returns[: start - 1])
            variances = fit.variances(returns[: end - 1], float(np.mean(returns[: start - 1][:BURN_IN] ** 2)))
            for target in range(max(start, past.first), end + 1):
                yield partial(_reach, math.sqrt(variances[target - 1]), fit.freedom)


def _reach(deviation: float, freedom: float, alpha: float) -> float:
    from scipy.stats import t

    return deviation * float(t.ppf(1 - alpha / 2, freedom)) * math.sqrt((freedom - 2) / freedom)


def _fit(returns: Floats) -> Fit:
    """Fit to returns in units of their own size, so that the optimiser meets the same numbers at any volatility."""
    unit = math.sqrt(float(np.mean(returns**2)))
    if unit == 0:
        return Fit(0.0, 0.0, 0.0, 4.0)
    omega, *others = _estimates(returns / unit)
    return Fit(omega * unit**2, *others)


def _estimates(returns: Floats) -> list[float]:
    """Return omega, alpha, beta and the degrees of freedom, if the optimiser says that they are a maximum."""
    arch_model = _arch_model()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whatever the optimiser meets on its way: where it ends is judged below
        fitted = arch_model(returns, mean="Zero", dist="t", rescale=False).fit(disp="off", show_warning=False)
    estimates = [float(number) for number in fitted.params]
    if fitted.convergence_flag != 0 or not np.isfinite(estimates).all():
        raise ModelFailed(
            f"garch-t, forecast: no maximum of the likelihood was found for {len(returns)} returns, of which "
            f"{np.mean(returns == 0):.0%} are zero. Choose the method ewma-aci"
        )
    return estimates


def _arch_model() -> Any:  # arch is optional
    try:
        from arch import arch_model
    except ImportError as error:
        raise FixConfiguration(
            "forecast: intervals by the method garch-t need the package arch, which is not installed. "
            "Run `pip install nextclose[garch]`, or choose the method ewma-aci"
        ) from error
    return arch_model
