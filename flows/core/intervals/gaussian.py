"""Intervals of a normal distribution."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist

import numpy as np

from flows.core.intervals.base import Past, Spread


@dataclass(frozen=True, slots=True)
class Gaussian:
    """The standard deviation of all one-step errors so far, times the quantile of the normal distribution.

    Errors are logarithms of close over forecast, taken around zero. Before the first forecast that is given, the
    forecast is the close before.

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.5.
    """

    name: str = "gaussian"
    minimum_bars: int = 2
    adaptive: bool = False

    def spreads(self, past: Past) -> Iterator[Spread]:
        """Give the spread for each close from `past.first` on."""
        squares = np.cumsum(past.errors**2)
        for known in range(past.first - 1, len(squares) + 1):
            yield partial(_reach, math.sqrt(squares[known - 1] / known))


def _reach(deviation: float, alpha: float) -> float:
    return deviation * NormalDist().inv_cdf(1 - alpha / 2) if alpha > 0 else math.inf
