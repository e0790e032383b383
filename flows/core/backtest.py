"""A leak-free comparison of models: the rolling origin.

::

    known at origin t          to be forecast
    c0 c1 c2 … c(t-1)      │   c(t)
                           └ every model forecasts c(t) from c0 … c(t-1); its error is measured against c(t),
                             a close that no model had seen. Then t moves on by one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flows.core.bars import BarSeries, Floats, Interval
from flows.core.errors import ModelFailed, TooLittleHistory
from flows.core.models import BASELINE, Model, Origins

MINIMUM_HISTORY = 30
"""The fewest bars from which a forecast is made: ten to fit the first model on, twenty to compare on."""
MINIMUM_TRAINING = 10
TEST_SHARE = 0.1
MINIMUM_ORIGINS = 20

SEASONS: Mapping[Interval, int] = {
    Interval.DAILY: 5,
    Interval.WEEKLY: 52,
    Interval.MONTHLY: 12,
    Interval.MIN_1: 390,
    Interval.MIN_5: 78,
    Interval.MIN_15: 26,
    Interval.MIN_30: 13,
    Interval.MIN_60: 7,
}
"""Bars after which a pattern may repeat: a week, a year, a year, and a session of New York for bars within it."""


@dataclass(frozen=True, slots=True)
class ModelScore:
    """How one model did at all origins, or why it could not take part."""

    name: str
    mse: float | None = None
    mae: float | None = None
    skill: float | None = None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Contest:
    """The models' scores on the same origins, best first; failed models last."""

    scores: tuple[ModelScore, ...]
    origins: int
    first_target: str
    last_target: str

    @property
    def winner(self) -> str:
        """The model with the lowest MSE; of equals the one that stands first in MODELS."""
        return self.scores[0].name

    def score(self, name: str) -> ModelScore:
        """Return the score of the model called `name`."""
        return next(score for score in self.scores if score.name == name)


@dataclass(frozen=True, slots=True)
class Walk:
    """One model's forecasts at all origins, and of the close that has not happened yet."""

    name: str
    forecasts: Floats
    next_close: float


def contest_origins(count: int, symbol: str, interval: Interval = Interval.DAILY) -> Origins:
    """Return the origins of the comparison: the last tenth of the history.

    Where the history allows, at least twenty, and a whole season if that takes no more than a third of it, so that no
    hour of the day or month of the year decides alone.

    Args:
        count: The number of bars in the history.
        symbol: Named in the error.
        interval: How much time each bar spans.

    Raises:
        TooLittleHistory: There are fewer than MINIMUM_HISTORY bars.
    """
    if count < MINIMUM_HISTORY:
        raise TooLittleHistory(
            f"{symbol}, forecast: {count} bars are known, at least {MINIMUM_HISTORY} are needed. "
            f"History grows with every run; plans that allow it give all of it with outputsize full in the "
            f"alpha-vantage block"
        )
    season = min(SEASONS[interval], count // 3)
    wanted = max(math.ceil(TEST_SHARE * count), MINIMUM_ORIGINS, season)
    return np.arange(max(count - wanted, MINIMUM_TRAINING), count)


def hold_contest(history: BarSeries, models: Sequence[Model]) -> tuple[Contest, dict[str, Walk]]:
    """Compare `models` on the same origins and forecast the next close with each.

    Args:
        history: The bars known, the newest being the as-of bar.
        models: Must hold the baseline.

    Returns:
        The scores, and each surviving model's forecasts by its name.

    Raises:
        TooLittleHistory: There are not enough bars.
    """
    closes = history.closes
    origins = contest_origins(len(closes), history.symbol, history.interval)
    walks: dict[str, Walk] = {}
    failed: list[ModelScore] = []
    for model in models:
        try:
            walks[model.name] = _walk(model, closes, origins)
        except ModelFailed as error:
            failed.append(ModelScore(model.name, failed=str(error)))
    actuals = closes[origins]
    ranked = sorted(_scores(walks, actuals), key=lambda score: score.mse or 0.0)
    times = [history.bars[origin].time for origin in (origins[0], origins[-1])]
    return Contest((*ranked, *failed), len(origins), *times), walks


def _walk(model: Model, closes: Floats, origins: Origins) -> Walk:
    if model.minimum_bars > origins[0]:
        raise ModelFailed(
            f"{model.name}: needs {model.minimum_bars} bars for a forecast, the first one compared has {origins[0]}"
        )
    forecasts = model.walk(closes, np.append(origins, len(closes)))
    if not (np.isfinite(forecasts).all() and (forecasts > 0).all()):
        raise ModelFailed(f"{model.name}: gave a forecast that is no price")
    return Walk(model.name, forecasts[:-1], float(forecasts[-1]))


def _scores(walks: dict[str, Walk], actuals: Floats) -> list[ModelScore]:
    errors = {name: walk.forecasts - actuals for name, walk in walks.items()}
    baseline = float(np.mean(errors[BASELINE] ** 2))
    return [_score(name, error, baseline) for name, error in errors.items()]


def _score(name: str, errors: Floats, baseline: float) -> ModelScore:
    mse = float(np.mean(errors**2))
    skill = 1 - mse / baseline if baseline > 0 else None
    return ModelScore(name, mse, float(np.mean(np.abs(errors))), skill)
