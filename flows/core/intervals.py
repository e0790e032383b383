"""Prediction intervals: how far the next close may lie from its forecast."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from flows.core.bars import Floats

LEVELS = (0.80, 0.95)
DECAY = 0.94
"""Weight of yesterday's variance. Source: RiskMetrics Technical Document, 4th edition, 1996, for daily returns."""
WARM_UP = 10
"""Returns that only set the first variance."""
LARGEST_MOVES = 3
"""An interval reaches no further than this many times the largest move in the history."""
WINDOW = 250
"""How many standardised moves the quantiles are taken from, about a year of sessions."""


def prediction_intervals(
    closes: Floats, point: float, levels: Sequence[float] = LEVELS
) -> tuple[tuple[float, float], ...]:
    """Return one interval around `point` for each level.

    The size of the next log return is taken as an exponentially weighted deviation of the past ones, times the
    quantile of how large past returns were against the deviation expected for them. So fat tails come from the
    data, not from an assumed distribution.

    Args:
        closes: Shape (n,), n > WARM_UP + 1, in the quote's currency, oldest first.
        point: The forecast, in the quote's currency.
        levels: Wanted probabilities that the next close lies inside.

    Returns:
        A (lower, upper) pair a level.
    """
    returns = np.diff(np.log(closes))
    expected = _deviations(returns)
    seen = expected[WARM_UP:-1]
    moves = np.abs(returns[WARM_UP:])[seen > 0] / seen[seen > 0]
    # After a month of standstill a single jump counts as hundreds of deviations: no move is expected beyond this.
    largest = LARGEST_MOVES * float(np.abs(returns).max())
    reach = [min(_quantile(moves[-WINDOW:], level) * expected[-1], largest) for level in levels]
    return tuple((float(point * np.exp(-r)), float(point * np.exp(r))) for r in reach)


def _deviations(returns: Floats) -> Floats:
    """Return the deviation expected for each return from those before it, and for the next; shape (n + 1,)."""
    variance = np.empty(len(returns) + 1)
    variance[: WARM_UP + 1] = np.mean(returns[:WARM_UP] ** 2)
    for i in range(WARM_UP, len(returns)):
        variance[i + 1] = DECAY * variance[i] + (1 - DECAY) * returns[i] ** 2
    return np.sqrt(variance)


def _quantile(moves: Floats, level: float) -> float:
    """Return the smallest observed move that is not exceeded in at least `level` of n + 1 cases (split conformal).

    Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, Distribution-Free Predictive Inference for Regression,
    Journal of the American Statistical Association 113, 2018, section 2.2.
    """
    if not len(moves):
        # Prices that never moved until now leave nothing to learn from but the size of the latest move.
        return NormalDist().inv_cdf((1 + level) / 2)
    rank = min(int(np.ceil(level * (len(moves) + 1))), len(moves))
    return float(np.sort(moves)[rank - 1])
