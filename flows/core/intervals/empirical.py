"""Intervals from the sizes of the past year's moves."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from flows.core.intervals.base import Past, Spread
from flows.core.intervals.window import Window

WINDOW = 250
"""How many moves the quantiles are taken from, about a year of sessions."""


@dataclass(frozen=True, slots=True)
class Empirical:
    """The quantile of the sizes of the last 250 log returns."""

    name: str = "empirical"
    minimum_bars: int = 2
    adaptive: bool = False

    def spreads(self, past: Past) -> Iterator[Spread]:
        """Give the spread for each close from `past.first` on."""
        moves = np.abs(past.returns).tolist()
        window = Window(WINDOW, moves[: past.first - 2])
        for move in moves[past.first - 2 :]:
            window.add(move)
            yield window.reach
