"""The whole comparison of models of one symbol, and what each model takes of it."""

import time

import numpy as np

from flows.core.backtest import hold_contest
from flows.core.bars import BarSeries, Interval
from flows.core.models import AT_EVERY_CLOSE, Combination, Model
from flows.core.models.refits import fit_points
from flows.core.recipe import Recipe
from tests.bench.timed import Answer, answer, closes, origins, timed
from tests.bench.walking import series_of


def _contests(asked: Answer) -> list[Answer]:
    models = Recipe().contestants(Interval.DAILY)
    # Imports and what libraries do once are no part of it.
    hold_contest(series_of(closes(("GOOG", 80))), models)
    return [_contest(series_of(closes(case)), models, asked["repeats"]) for case in asked["cases"]]


def _contest(history: BarSeries, models: list[Model], repeats: int) -> Answer:
    rounds: list[list[float]] = []

    def once() -> None:
        marks: list[float] = []
        hold_contest(history, models, tell=lambda _: marks.append(time.process_time()))
        rounds.append([*np.diff([*marks, time.process_time()]).tolist()])

    times = timed(once, repeats)
    took = np.median(rounds, axis=0).tolist()
    return {
        **times,
        "models": {one.name: seconds for one, seconds in zip(models, took, strict=True)},
        "refits": {one.name: _refits(one, len(history)) for one in models},
    }


def _refits(model: Model, count: int) -> int:
    """Return at how many of the origins the model was fitted anew; of a combination, its weights."""
    where = origins(count)
    if model.refit == AT_EVERY_CLOSE or isinstance(model, Combination):
        return len(where)
    return int((np.unique(fit_points(where)) >= where[0]).sum())


if __name__ == "__main__":
    answer({"contest": _contests})
