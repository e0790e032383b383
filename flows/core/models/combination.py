"""Several models' forecasts in one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from flows.core.bars import Floats
from flows.core.models.base import Model, Origins
from flows.core.models.refits import FIRST_FIT

LEARNING = 20
"""The closes whose errors decide the weights."""


@dataclass(frozen=True, slots=True)
class Combination:
    """The average of other models' forecasts, each weighted by one over its mean squared error over the last closes.

    ::

        origin      t-20 … t-1            t
        members     forecast and scored   forecast, weighted by those scores
                    (closes known at t)

    The errors of closes that the origin has not seen play no part. Before anything could be scored, all weigh the same.

    Source: Bates and Granger, The Combination of Forecasts, Operational Research Quarterly 20, 1969.
    """

    members: tuple[Model, ...]
    name: str = "combination"

    @property
    def minimum_bars(self) -> int:
        """What the neediest member needs."""
        return max(FIRST_FIT, *(member.minimum_bars for member in self.members))

    @property
    def refit(self) -> str:
        """How its members are, and its weights."""
        return "as its members are, its weights at every close"

    def needed(self, origins: Origins) -> Origins:
        """Return the origins from which the members' forecasts are needed, ascending."""
        if not len(origins):
            return origins
        back: Origins = np.unique(origins[:, None] - np.arange(LEARNING + 1))
        return back[back >= min(self.minimum_bars, int(origins.min()))]

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the weighted average of the members' forecasts from each origin."""
        needed = self.needed(origins)
        return self.blend(closes, origins, needed, {one.name: one.walk(closes, needed) for one in self.members})

    def blend(self, closes: Floats, origins: Origins, needed: Origins, walks: Mapping[str, Floats]) -> Floats:
        """Return the same from walks that have been made already.

        Args:
            closes: Shape (n,).
            origins: Shape (k,).
            needed: Shape (j,), what `needed` gives for the origins.
            walks: The members' forecasts from each needed origin, shape (j,), by name.
        """
        table = np.array([walks[one.name] for one in self.members])
        forecasts = np.empty(len(origins))
        for i, origin in enumerate(origins):
            here = int(np.searchsorted(needed, origin))
            forecasts[i] = self._weights(closes, needed, table, here) @ table[:, here]
        return forecasts

    def _weights(self, closes: Floats, needed: Origins, table: Floats, here: int) -> Floats:
        origin = needed[here]
        first = int(np.searchsorted(needed, origin - LEARNING))
        errors = table[:, first:here] - closes[needed[first:here]]
        if not errors.shape[1]:
            return np.full(len(table), 1 / len(table))
        mse = np.mean(errors**2, axis=1)
        # Who made no error at all shares all of the weight with others of that kind.
        weights = 1 / mse if mse.min() > 0 else (mse == 0).astype(np.float64)
        return np.asarray(weights / weights.sum())

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return each member's weight in the forecast of the next close."""
        needed = self.needed(np.array([len(closes)]))
        table = np.array([one.walk(closes, needed) for one in self.members])
        weights = self._weights(closes, needed, table, len(needed) - 1)
        return {one.name: float(weight) for one, weight in zip(self.members, weights, strict=True)}
