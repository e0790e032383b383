"""Models with a planted behaviour, to see what the contest makes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import ModelFailed
from flows.core.models import AT_EVERY_CLOSE, Combination, Origins
from flows.core.models.refits import fit_points


@dataclass(frozen=True, slots=True)
class Planted:
    """A model whose forecast is any function of the closes before the origin."""

    name: str
    rule: Callable[[Floats], float]
    minimum_bars: int = 1
    refit: str = AT_EVERY_CLOSE

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return what the rule makes of the closes known at each origin."""
        return np.array([self.rule(closes[:origin]) for origin in origins])

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return nothing."""
        return {}


def broken(closes: Floats) -> float:
    """Fail, as a model does that finds no maximum."""
    raise ModelFailed(f"broken: {len(closes)} closes are one too many")


def last(closes: Floats) -> float:
    """Repeat the last close, as the baseline does."""
    return float(closes[-1])


def mean_of_two(closes: Floats) -> float:
    """Return the mean of the last two closes."""
    return float(closes[-2:].mean())


class Peek:
    """A model that looks at the close that it is asked for."""

    name = "peek"
    minimum_bars = 1
    refit = AT_EVERY_CLOSE

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the close after each origin, where there is one."""
        return closes[np.minimum(origins, len(closes) - 1)]

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return nothing."""
        return {}


class Average(Peek):
    """A model that knows the average of all closes, those after the origin included."""

    name = "average"

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the last close known, moved a little to the average of all."""
        forecasts: Floats = 0.99 * closes[origins - 1] + 0.01 * closes.mean()
        return forecasts


class Faint(Peek):
    """A model that knows a millionth of the next change."""

    name = "faint"

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the last close known, moved by next to nothing to the next."""
        before = closes[origins - 1]
        forecasts: Floats = before + 1e-6 * (super().walk(closes, origins) - before)
        return forecasts


class LateFit(Peek):
    """A model whose forecasts use closes before the origin alone, but with a share that was fitted to two more."""

    name = "late fit"
    minimum_bars = 10

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the last close plus the average change up to a fit that comes two closes late."""
        points = np.minimum(fit_points(origins) + 2, len(closes))
        forecasts: Floats = closes[origins - 1] + (closes[points - 1] - closes[0]) / (points - 1)
        return forecasts


class Foreseeing(Combination):
    """A combination of honest members whose weights know which of them will be right."""

    def _weights(self, closes: Floats, needed: Origins, table: Floats, here: int) -> Floats:
        """Weigh each member by how near it will have come."""
        target = closes[min(int(needed[here]), len(closes) - 1)]
        weights: Floats = 1 / (1e-9 + (table[:, here] - target) ** 2)
        return np.asarray(weights / weights.sum(), np.float64)
