"""Models with a planted behaviour, to see what the contest makes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import ModelFailed
from flows.core.models import AT_EVERY_CLOSE, Origins


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
