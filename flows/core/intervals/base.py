"""What every method for prediction intervals offers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from flows.core.bars import Floats

LEVELS = (0.80, 0.95)
"""Wanted probabilities that the next close lies inside."""

Spread = Callable[[float], float]
"""Takes the wanted probability of a miss, gives how far the interval reaches from its centre in logarithms of price."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is known when intervals are made, and which intervals are wanted.

    ::

        closes     c0 c1 c2 c3           n = 4 known closes
        centres    -- m1 m2 m3 m4        m(t) stands where c(t) was, or will be, expected
        first 3             └──┴──▶ intervals wanted: the one for c3, from c0 … c2, and the one for c4, from all
    """

    closes: Floats
    """Shape (n,), in the quote's currency, oldest first."""
    centres: Floats
    """Shape (n + 1,), in the quote's currency; the first one means nothing."""
    first: int
    """The first close for which an interval is wanted, 2 … n; the last one is n."""

    @property
    def returns(self) -> Floats:
        """The logarithms of close over close before, shape (n - 1,): number i leads from close i to close i + 1."""
        returns: Floats = np.log(self.closes[1:] / self.closes[:-1])
        return returns

    @property
    def errors(self) -> Floats:
        """The logarithms of close over centre, shape (n - 1,), in the places of the returns."""
        errors: Floats = np.log(self.closes[1:] / self.centres[1:-1])
        return errors


class Method(Protocol):
    """A way to say how far a close may lie from where it is expected."""

    @property
    def name(self) -> str:
        """What the method is called in parameters and reports."""
        ...

    @property
    def minimum_bars(self) -> int:
        """The fewest closes that one interval needs."""
        ...

    @property
    def adaptive(self) -> bool:
        """Whether hits and misses widen and narrow the intervals that follow."""
        ...

    def spreads(self, past: Past) -> Iterator[Spread]:
        """Give a spread for each close from `past.first` to n, in this order.

        The spread for close t is computed from closes before t and centres before t alone. It holds good until the
        next one is asked for.

        Raises:
            FixConfiguration: A library that the method needs is not installed.
            ModelFailed: The method could not be fitted.
        """
        ...
