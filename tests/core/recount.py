"""The models' forecasts recounted one origin at a time, a combination's from its members' and their past errors."""

from statistics import fmean

import numpy as np

from flows.core.bars import Floats
from flows.core.models import Combination, Model

LEARNT_FROM = 20


class Recount:
    """Remembers what each model said from each origin, shown nothing but the closes before it."""

    def __init__(self, closes: Floats) -> None:
        """Begin with nothing recounted."""
        self._closes = closes
        self._said: dict[tuple[str, int], float] = {}

    def forecast(self, model: Model, origin: int) -> float:
        """Return a model's forecast of the close at an origin."""
        key = (model.name, origin)
        if key not in self._said:
            one = self._combined(model, origin) if isinstance(model, Combination) else self._single(model, origin)
            self._said[key] = one
        return self._said[key]

    def _single(self, model: Model, origin: int) -> float:
        return float(model.walk(self._closes[:origin].copy(), np.array([origin]))[0])

    def _combined(self, model: Combination, origin: int) -> float:
        """Average the members, each by one over the mean of its squared errors of the closes just before."""
        past = range(max(origin - LEARNT_FROM, model.minimum_bars), origin)
        said = [self.forecast(member, origin) for member in model.members]
        if not past:
            return sum(said) / len(said)
        weights = [1 / self._mean_square(member, past) for member in model.members]
        return sum(w * one for w, one in zip(weights, said, strict=True)) / sum(weights)

    def _mean_square(self, member: Model, past: range) -> float:
        return fmean((self.forecast(member, n) - float(self._closes[n])) ** 2 for n in past)
