"""The forecasts that any model has to beat."""

from collections.abc import Mapping

import numpy as np

from flows.core.bars import Floats
from flows.core.models.base import AT_EVERY_CLOSE, Origins


class Naive:
    """The next close equals the last one (the random walk)."""

    name = "naive"
    minimum_bars = 1
    refit = AT_EVERY_CLOSE

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the last close known at each origin."""
        return closes[..., origins - 1]

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return nothing: there is nothing to estimate."""
        return {}


class Drift:
    """The last close plus the average change so far (the random walk with drift).

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.2.
    """

    name = "drift"
    minimum_bars = 2
    refit = AT_EVERY_CLOSE

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return last + (last - first) / (number of changes) at each origin."""
        last: Floats = closes[..., origins - 1]
        changes: Floats = origins.astype(np.float64) - 1
        forecasts: Floats = last + (last - closes[..., :1]) / changes
        return forecasts

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return the average change per bar."""
        return {"drift": float((closes[-1] - closes[0]) / (len(closes) - 1))}
