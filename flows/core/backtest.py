"""A leak-free comparison of models: the rolling origin.

::

    known at origin t          to be forecast
    c0 c1 c2 … c(t-1)      │   c(t)
                           └ every model forecasts c(t) from c0 … c(t-1); its error is measured against c(t),
                             a close that no model had seen. Then t moves on by one.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flows.core.bars import BarSeries, Floats, Interval
from flows.core.errors import ModelFailed, TooLittleHistory
from flows.core.models import BASELINE, Combination, Model, Origins
from flows.core.models.refits import explained
from flows.core.models.seasonal import SEASONS
from flows.core.scoring import ModelScore, beyond_chance, scores

__all__ = ["Contest", "ModelScore", "Walk", "contest_origins", "hold_contest"]

MINIMUM_HISTORY = 30
"""The fewest bars from which a forecast is made: ten to fit the first model on, twenty to compare on."""
MINIMUM_TRAINING = 10
TEST_SHARE = 0.1
MINIMUM_ORIGINS = 20
MARGIN = 0.01
"""The winner of last time keeps its place unless another model's MSE is lower by more than this share of its own."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Contest:
    """The models' scores on the same origins, best first; failed models last."""

    scores: tuple[ModelScore, ...]
    origins: int
    first_target: str
    last_target: str
    up_days: float | None = None
    """The share of the closes that were higher than the one before: what any direction hits compare to."""
    better: tuple[str, ...] = ()
    """The models that are better than naive beyond chance."""
    incumbent: str | None = None
    """The winner of last time."""
    coverage80: float | None = None
    """The share of the closes inside the 80 % interval that the chosen model would have been given."""
    coverage95: float | None = None

    @property
    def winner(self) -> str:
        """The model with the lowest MSE, or last time's where the difference is noise.

        Of equals it is the one that stands first in MODELS.
        """
        best = self.scores[0]
        held = next((score for score in self.scores if score.name == self.incumbent), best)
        return held.name if _is_as_good(held, best) else best.name

    @property
    def verdict(self) -> str:
        """Whether any model is distinguishable from naive."""
        return f"better than {BASELINE}" if self.better else f"no better than {BASELINE}"

    def score(self, name: str) -> ModelScore:
        """Return the score of the model called `name`."""
        return next(score for score in self.scores if score.name == name)


def _is_as_good(held: ModelScore, best: ModelScore) -> bool:
    return held.mse is not None and best.mse is not None and best.mse >= (1 - MARGIN) * held.mse


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
            f"{symbol}, forecast: {count} {'bar' if count == 1 else 'bars'} can be used, at least {MINIMUM_HISTORY} are needed. "
            "History grows with every run, and `nextclose import` brings in more; from Alpha Vantage, plans that allow it give "
            "all of it (ALPHAVANTAGE_OUTPUTSIZE=full)"
        )
    season = min(SEASONS[interval], count // 3)
    wanted = max(math.ceil(TEST_SHARE * count), MINIMUM_ORIGINS, season)
    return np.arange(max(count - wanted, MINIMUM_TRAINING), count)


def hold_contest(
    history: BarSeries, models: Sequence[Model], incumbent: str | None = None, tell: Tell | None = None
) -> tuple[Contest, dict[str, Walk]]:
    """Compare `models` on the same origins and forecast the next close with each.

    Args:
        history: The bars known, the newest being the as-of bar.
        models: Must hold the baseline, and the members of a combination before it.
        incumbent: The winner of last time, which does not lose its place to noise.
        tell: Told each model's name before its turn.

    Returns:
        The scores, and each surviving model's forecasts by its name.

    Raises:
        TooLittleHistory: There are not enough bars.
    """
    closes = history.closes
    origins = contest_origins(len(closes), history.symbol, history.interval)
    walks, failed = _walk_all(closes, origins, models, tell or (lambda _: None))
    before, actuals = closes[origins - 1], closes[origins]
    found = scores({name: w.forecasts for name, w in walks.items()}, actuals, before, closes[: origins[0]], BASELINE)
    policies = {model.name: model.refit for model in models}
    ranked = sorted((replace(score, refit=policies[score.name]) for score in found), key=lambda score: score.mse or 0.0)
    first, last = (history.bars[origin].time for origin in (origins[0], origins[-1]))
    up_days = float(np.mean(actuals > before))
    return Contest((*ranked, *failed), len(origins), first, last, up_days, beyond_chance(found), incumbent), walks


def _walk_all(
    closes: Floats, origins: Origins, models: Sequence[Model], tell: Tell
) -> tuple[dict[str, Walk], list[ModelScore]]:
    """Return every model's walk, or why it has none."""
    walker = _Walker(closes, np.append(origins, len(closes)), models)
    walks: dict[str, Walk] = {}
    failed: list[ModelScore] = []
    for model in models:
        tell(model.name)
        try:
            walks[model.name] = walker.walk(model)
        except ModelFailed as error:
            failed.append(ModelScore(model.name, failed=str(error)))
    return walks, failed


class _Walker:
    """Walks each model once, the members of a combination from the earlier origins too that it learns from."""

    def __init__(self, closes: Floats, origins: Origins, models: Sequence[Model]) -> None:
        self.closes = closes
        self.origins = origins
        combinations = [model for model in models if isinstance(model, Combination)]
        self.wider = {one.name: model.needed(origins) for model in combinations for one in model.members}
        self.known: dict[str, Floats] = {}

    def walk(self, model: Model) -> Walk:
        """Return a model's forecasts, or raise ModelFailed."""
        if model.minimum_bars > self.origins[0]:
            raise ModelFailed(
                f"{model.name}: needs {model.minimum_bars} bars for a forecast, the first one compared has {self.origins[0]}"
            )
        with explained(model.name):
            forecasts = self._blended(model) if isinstance(model, Combination) else self._alone(model)
        if forecasts.shape != self.origins.shape:
            raise ModelFailed(f"{model.name}: gave {forecasts.shape} forecasts from {len(self.origins)} origins")
        if not (np.isfinite(forecasts).all() and (forecasts > 0).all()):
            raise ModelFailed(f"{model.name}: gave a forecast that is no price")
        return Walk(model.name, forecasts[:-1], float(forecasts[-1]))

    def _alone(self, model: Model) -> Floats:
        wider = self.wider.get(model.name, self.origins)
        found = model.walk(self.closes, wider)
        self.known[model.name] = found
        return found[-len(self.origins) :]

    def _blended(self, model: Combination) -> Floats:
        walks: dict[str, Floats] = {}
        for member in model.members:
            found = self.known.get(member.name)
            if found is None:
                raise ModelFailed(f"{model.name}: its member {member.name} has no forecasts, see there")
            walks[member.name] = found
        return model.blend(self.closes, self.origins, model.needed(self.origins), walks)
