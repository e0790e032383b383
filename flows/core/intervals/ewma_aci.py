"""Intervals from a moving average of moves, whose width learns from hits and misses. The default."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from flows.core.intervals.base import Past, Spread
from flows.core.intervals.window import Window

AVERAGES = ((0.45, 0.85), (0.45, 0.97), (0.10, 1.0))
"""Share and decay of each average of moves: one forgets half in 4 bars, one in 23, one never. The last one keeps a calm
from narrowing the intervals without end; GARCH does the same by its constant."""
WARM_UP = 10
"""Moves that are too early to be standardised."""
WINDOW = 500
"""How many standardised moves the quantiles are taken from, about two years of sessions."""
USUAL = tuple(math.log((1 + share) / (1 - share)) / math.log(4) for share in (np.arange(40) + 0.5) / 40)
"""Forty moves as they usually are, which stand in the window before a series has shown its own, and leave it first.

Sizes over their mean in the logistic distribution, whose tails are as heavy as those of Student's t with nine degrees of
freedom (the same kurtosis, 4.2)."""
STANDSTILL = 1e-100
"""An average this small says that prices stood still for years; no move can be measured by it."""


@dataclass(frozen=True, slots=True)
class EwmaAci:
    """Exponentially weighted averages of moves, quantiles of standardised moves, adaptive conformal inference.

    The size of the next log return is taken as a mixture of a fast, a slow and a lasting average of the sizes of past
    ones, times the quantile of how large past moves were against the size expected of them. So fat tails come from the
    data, not from an assumed distribution. Averages of sizes, not of squares, keep one jump from widening the intervals
    for weeks. Which quantile is read, the state of the adaptation says. A short history is completed by usual moves, so
    that the quantile at 95 % is not the largest of twenty.

    Source: RiskMetrics Technical Document, 4th edition, 1996, section 5.2, for exponential weights (there on squares,
    with 0.94); Gibbs and Candès, Adaptive Conformal Inference Under Distribution Shift, NeurIPS 2021.
    """

    name: str = "ewma-aci"
    minimum_bars: int = 2
    adaptive: bool = True

    def spreads(self, past: Past) -> Iterator[Spread]:
        """Give the spread for each close from `past.first` on."""
        moves = np.abs(past.returns).tolist()
        expected = _expected(moves)
        standardised = _standardised(moves, expected)
        window = Window(WINDOW, [*USUAL, *(move for move in standardised[: past.first - 2] if move is not None)])
        for known in range(past.first - 1, len(moves) + 1):
            newest = standardised[known - 1]
            if newest is not None:
                window.add(newest)
            yield partial(_reach, window, expected[known])


def _reach(window: Window, expected: float, alpha: float) -> float:
    return expected * window.reach(alpha) if expected else 0.0


def _standardised(moves: Sequence[float], expected: Sequence[float]) -> list[float | None]:
    """Return each move over what was expected of it; None for the first moves and for one after a standstill."""
    pairs = enumerate(zip(moves, expected[:-1], strict=True))
    return [move / size if count >= WARM_UP and size > STANDSTILL else None for count, (move, size) in pairs]


def _expected(moves: Sequence[float]) -> list[float]:
    """Return the size expected of each move from those before it, and of the next one; of the first, nothing."""
    parts = (_averages(moves, decay, share) for share, decay in AVERAGES)
    return [fast + slow + long for fast, slow, long in zip(*parts, strict=True)]


def _averages(moves: Sequence[float], decay: float, share: float) -> list[float]:
    """Return `share` of the average before each move and after the last: plain while moves are few, then weighted."""
    averages = [0.0]
    for count, move in enumerate(moves, 1):
        averages.append(averages[-1] + max(1 / count, 1 - decay) * (share * move - averages[-1]))
    return averages
