"""ARIMA(1,1,0) refitted at the last origins of many series, by ours over all and by the libraries over a few."""

import warnings
from collections.abc import Callable

import numpy as np

from flows.core.bars import Floats
from flows.core.models import MODELS, Origins
from flows.core.panel import hold_panel
from tests.bench.timed import Answer, answer, random_walks, timed
from tests.bench.walking import WALKS

SYMBOLS, BARS, REFITS = 10_000, 500, 50
SAMPLED = 4
"""Series that the libraries forecast, for all."""

Scored = Callable[[Floats, Origins], Floats]
"""Gives each series' mean squared error."""


def _errors(forecasts: Floats, panel: Floats, where: Origins) -> Floats:
    return np.asarray(np.mean((forecasts - panel[:, where]) ** 2, axis=1))


def _walk(panel: Floats, where: Origins) -> Floats:
    return _errors(MODELS["arima"].walk(panel, where), panel, where)


def _hold(panel: Floats, where: Origins) -> Floats:
    scores = hold_panel(panel, where)
    return np.asarray(scores.mse[scores.names.index("arima")])


def _one_by_one(name: str) -> Scored:
    def each(panel: Floats, where: Origins) -> Floats:
        return _errors(np.array([WALKS[name](row, where) for row in panel]), panel, where)

    return each


BY: dict[str, tuple[int, Scored]] = {
    "ours": (SYMBOLS, _walk),
    "ours, four models scored": (SYMBOLS, _hold),
    **{
        name: (SAMPLED, _one_by_one(name)) for name in ("plain loop", "statsforecast, refit", "statsforecast, no refit")
    },
}


def _measured(asked: Answer) -> Answer:
    symbols, scored = BY[asked["what"]]
    panel, where = random_walks(SYMBOLS, BARS)[:symbols].copy(), np.arange(BARS - REFITS, BARS)
    scored(panel[:1, :100], np.arange(90, 100))
    said: list[Floats] = []
    times = timed(lambda: said.append(scored(panel, where)), asked["repeats"])
    return {**times, "symbols": symbols, "mse": said[0][:SAMPLED].tolist()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    answer(dict.fromkeys(BY, _measured))
