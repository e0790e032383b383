"""What every forecasting model offers."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from flows.core.bars import Floats

Origins = npt.NDArray[np.int64]

AT_EVERY_CLOSE = "every close"
"""Refit policy: nothing is carried over from one origin to the next."""


class Model(Protocol):
    """A method that forecasts the next close from the closes before it."""

    @property
    def name(self) -> str:
        """What the model is called in reports."""
        ...

    @property
    def minimum_bars(self) -> int:
        """The fewest closes that one forecast needs."""
        ...

    @property
    def refit(self) -> str:
        """When it is fitted anew in a walk, in words that follow "refitted"."""
        ...

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Forecast one step ahead from each origin.

        ::

            closes   c0 c1 c2 c3 c4 c5
            origin 4          └───▶ forecast of c4, made from c0 … c3 alone

        The forecast from an origin depends on that origin and the closes before it alone: not on the other origins that
        are asked for with it, and not on when the model was fitted last.

        Args:
            closes: Shape (n,), in the quote's currency, oldest first.
            origins: Shape (k,), each in minimum_bars … n: how many closes are known when the forecast is made. An
                origin of n asks for the close that has not happened yet.

        Returns:
            Shape (k,): the forecast of ``closes[origin]`` for each origin, computed from ``closes[:origin]`` alone.

        Raises:
            ModelFailed: The model could not be fitted at one of the origins.
        """
        ...

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return what was estimated from all of `closes`, by name, to explain a forecast."""
        ...
