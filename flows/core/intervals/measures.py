"""How well intervals did, once the closes are known."""

import numpy as np

from flows.core.bars import Floats


def coverage(lower: Floats, upper: Floats, actuals: Floats) -> float:
    """Return the share of actuals within their limits, between 0 and 1.

    Args:
        lower: Shape (k,), in the unit of the actuals.
        upper: Shape (k,).
        actuals: Shape (k,), k > 0.
    """
    return float(np.mean((lower <= actuals) & (actuals <= upper)))


def interval_score(lower: Floats, upper: Floats, actuals: Floats, level: float) -> float:
    """Return the mean interval score: the width, and for each miss 2 / (1 - level) times how far it lay outside.

    Lower is better; only honest limits can be best on average.

    Args:
        lower: Shape (k,), in the unit of the actuals.
        upper: Shape (k,).
        actuals: Shape (k,), k > 0.
        level: The probability that was promised.

    Returns:
        The mean, in the unit of the actuals; divide all three by the closes before to compare series.

    Source: Gneiting and Raftery, Strictly Proper Scoring Rules, Prediction, and Estimation, Journal of the American
    Statistical Association 102, 2007, equation 43, after Winkler, 1972.
    """
    outside = np.maximum(lower - actuals, 0) + np.maximum(actuals - upper, 0)
    return float(np.mean(upper - lower + 2 / (1 - level) * outside))


def coverage_band(count: int, level: float, confidence: float = 0.99) -> tuple[float, float]:
    """Return within which limits the coverage of `count` independent intervals lies with probability `confidence`.

    Args:
        count: How many intervals.
        level: The probability that each promises.
        confidence: At least this much of the binomial distribution lies between the limits, both included.

    Returns:
        Two shares between 0 and 1.
    """
    # The import of scipy.stats, which has a function for this, would cost a run half a second.
    from scipy.special import bdtr

    below = bdtr(np.arange(count + 1), count, level)
    low, high = np.searchsorted(below, ((1 - confidence) / 2, (1 + confidence) / 2))
    return float(low) / count, float(high) / count
