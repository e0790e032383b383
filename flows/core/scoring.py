"""How good forecasts of the same closes are, each beside the naive forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flows.core.bars import Floats

CHANCE = 0.05
"""A model counts as better than naive if chance alone would make any model look so in at most this share of cases."""
TIE = 1e-12
"""A forecast this near to the baseline's, as a part of it, is the same: rounding neither wins nor tells a direction."""


@dataclass(frozen=True, slots=True)
class ModelScore:
    """How one model did at all origins, or why it could not take part."""

    name: str
    mse: float | None = None
    """In the squared currency of the price."""
    mae: float | None = None
    """In the currency of the price."""
    skill: float | None = None
    """1 - MSE / naive's MSE."""
    failed: str | None = None
    mase: float | None = None
    """MAE in units of the average change before the first origin."""
    direction: float | None = None
    """The share of closes that moved the way that was forecast, of those for which a move was forecast."""
    p_value: float | None = None
    """How often chance alone would make it look so much better than naive, or more."""
    refit: str = ""
    """When it was fitted anew, in words that follow "refitted"."""


def scores(
    walks: Mapping[str, Floats], actuals: Floats, before: Floats, training: Floats, baseline: str
) -> list[ModelScore]:
    """Return each model's score.

    Args:
        walks: Forecasts by the model's name, each of shape (k,).
        actuals: The closes that came, shape (k,).
        before: The close before each, shape (k,).
        training: The closes before the first origin, shape (m,), m > 1: the average change in them is the unit of MASE.
        baseline: Skill and p-value are against this model; its walk must be among them.
    """
    table, naive = _untied(walks, baseline), list(walks).index(baseline)
    errors = table - actuals
    squares = errors**2
    mse, mae = squares.mean(axis=1), np.abs(errors).mean(axis=1)
    unit = float(np.abs(np.diff(training)).mean())
    chances = p_values(squares[naive] - squares)
    hits = _direction(table - before, actuals - before)
    return [
        ModelScore(
            name,
            float(mse[i]),
            float(mae[i]),
            skill=float(1 - mse[i] / mse[naive]) if mse[naive] > 0 else None,
            mase=float(mae[i] / unit) if unit > 0 else None,
            direction=hits[i],
            p_value=None if i == naive else float(chances[i]),
        )
        for i, name in enumerate(walks)
    ]


def _untied(walks: Mapping[str, Floats], baseline: str) -> Floats:
    """Return the forecasts, those that only rounding tells from the baseline's replaced by them."""
    table = np.array(list(walks.values()))
    same: Floats = np.where(np.abs(table - walks[baseline]) <= TIE * walks[baseline], walks[baseline], table)
    return same


def _direction(forecast: Floats, actual: Floats) -> list[float | None]:
    """Return the share of right directions, None where no move was forecast."""
    told = (forecast != 0) & (actual != 0)
    right = (np.sign(forecast) == np.sign(actual)) & told
    return [
        float(hit / count) if count else None for hit, count in zip(right.sum(axis=1), told.sum(axis=1), strict=True)
    ]


def p_values(gains: Floats) -> Floats:
    """Return the one-sided p-values of the Diebold-Mariano test for forecasts of one step, corrected for small samples.

    Args:
        gains: Shape (models, k): by how much the baseline's squared error exceeds the model's, at each origin.

    Returns:
        Shape (models,): how probable so large an average gain is where there is none; 1 where nothing differs.

    Source: Diebold and Mariano, Comparing Predictive Accuracy, Journal of Business and Economic Statistics 13, 1995;
    the correction and Student's t after Harvey, Leybourne and Newbold, Testing the Equality of Prediction Mean Squared
    Errors, International Journal of Forecasting 13, 1997.
    """
    from scipy.special import stdtr

    count = gains.shape[1]
    # For one step their variance has no autocovariances, and the correction leaves the statistic of a plain t test.
    mean, spread = gains.mean(axis=1), gains.std(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(mean == 0, 0.0, mean / spread * np.sqrt(count - 1))
    p: Floats = np.where((mean == 0) & (spread == 0), 1.0, stdtr(count - 1, -statistic))
    return p


def beyond_chance(found: Sequence[ModelScore]) -> tuple[str, ...]:
    """Return the models that are better than naive even though the luckiest of several was looked for.

    Source: Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6, 1979.
    """
    tested = sorted((score.p_value, score.name) for score in found if score.p_value is not None)
    better = []
    for i, (p_value, name) in enumerate(tested):
        if p_value > CHANCE / (len(tested) - i):
            break
        better.append(name)
    return tuple(better)
