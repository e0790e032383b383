"""The comparison of models over many series of equal length at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import FixConfiguration
from flows.core.models import BASELINE, CHEAP, MODELS, Origins

ROWS = 1_024
"""Series that are compared together: their forecasts stay in a processor's cache."""


@dataclass(frozen=True, slots=True)
class PanelScores:
    """Scores of models on the same origins; arrays have the shape (models, symbols)."""

    names: tuple[str, ...]
    mse: Floats
    """In the squared currency of each price."""
    mae: Floats
    skill: Floats
    """1 - MSE / naive's MSE; nan where naive made no error."""

    @property
    def winners(self) -> tuple[str, ...]:
        """The model with the lowest MSE of each series; of equals the first."""
        return tuple(self.names[i] for i in self.mse.argmin(axis=0))


def hold_panel(closes: Floats, origins: Origins, names: Sequence[str] = CHEAP) -> PanelScores:
    """Compare models that cost next to nothing on every series of a panel.

    The forecasts are those that `flows.core.backtest.hold_contest` makes of each series alone.

    Args:
        closes: Shape (symbols, n), in each quote's currency, oldest first.
        origins: Shape (k,), each below n: how many closes are known when a forecast is made.
        names: Of CHEAP, the baseline among them.

    Raises:
        FixConfiguration: A model is named that cannot walk over panels, or the baseline is missing.
    """
    strange = [name for name in names if name not in CHEAP]
    if strange or BASELINE not in names:
        raise FixConfiguration(f"evaluate: a panel is compared by models of {', '.join(CHEAP)}, {BASELINE} among them")
    mse, mae = np.empty((2, len(names), len(closes)))
    for begin in range(0, len(closes), ROWS):
        rows = slice(begin, begin + ROWS)
        for number, name in enumerate(names):
            errors = MODELS[name].walk(closes[rows], origins) - closes[rows][:, origins]
            mse[number, rows] = np.mean(errors**2, axis=1)
            mae[number, rows] = np.mean(np.abs(errors), axis=1)
    naive = mse[list(names).index(BASELINE)]
    with np.errstate(divide="ignore", invalid="ignore"):
        skill: Floats = np.where(naive > 0, 1 - mse / naive, np.nan)
    return PanelScores(tuple(names), mse, mae, skill)
