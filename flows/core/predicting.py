"""From bars to a prediction: the contest, the choice, and the intervals around it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from flows.core.backtest import Tell, hold_contest
from flows.core.bars import BarSeries
from flows.core.calendars import calendar_of
from flows.core.errors import ModelFailed, StaleData
from flows.core.forecast import Prediction
from flows.core.intervals import LEVELS
from flows.core.limits import limits_for, measured
from flows.core.models import BASELINE, Model
from flows.core.models.refits import explained
from flows.core.periods import Slot
from flows.core.recipe import Recipe

RECENT = 60
"""How many closes a prediction carries along for its chart."""


def predict(
    history: BarSeries, slot: Slot, code_version: str, recipe: Recipe | None = None, tell: Tell | None = None
) -> Prediction:
    """Forecast the close of `slot.target` from the bars up to `slot.as_of`.

    Args:
        history: All bars known up to the as-of session, oldest first.
        slot: What the forecast is made after, and what it is for.
        code_version: Written into the prediction.
        recipe: Which models are compared, and how the intervals are made.
        tell: Told each model's name before its turn in the contest.

    Raises:
        StaleData: The newest bar is not the as-of session's.
        TooLittleHistory: There are too few bars.
        FixConfiguration: A model or method is named that does not exist.
        ModelFailed: The model that was asked for could not be fitted.
    """
    require_fresh(history, slot.as_of.label)
    how = recipe or Recipe()
    models = how.contestants(history.interval)
    contest, walks = hold_contest(history, models, how.incumbent, tell)
    name, chosen_by = how.choice(contest)
    if name not in walks:
        raise ModelFailed(f"{history.symbol}, forecast: {contest.score(name).failed}. Choose another model")
    limits = limits_for(history, walks[name], how.intervals, how.levels, how.earlier)
    (lower80, upper80), (lower95, upper95) = (limits.around[level] for level in LEVELS)
    return Prediction(
        **_provenance(history, slot, code_version),
        point=walks[name].next_close,
        lower80=lower80,
        upper80=upper80,
        lower95=lower95,
        upper95=upper95,
        naive=walks[BASELINE].next_close,
        model=name,
        chosen_by=chosen_by,
        contest=measured(contest, limits),
        parameters=_parameters(next(model for model in models if model.name == name), history),
        intervals=how.intervals,
        interval_state=limits.state.mapping(),
        more=tuple((level, *limits.around[level]) for level in sorted(how.levels)),
        scale=_average_change(history),
        recipe=how,
    )


def _average_change(history: BarSeries) -> float | None:
    """Return the unit of MASE.

    Source: Hyndman and Koehler, Another Look at Measures of Forecast Accuracy, International Journal of Forecasting 22, 2006.
    """
    change = float(np.abs(np.diff(history.closes)).mean()) if len(history) > 1 else 0.0
    return change or None


def _parameters(model: Model, history: BarSeries) -> Mapping[str, float | str]:
    """Return what a model has estimated; a forecast is not lost because it cannot be explained."""
    try:
        with explained(model.name):
            return dict(model.parameters(history.closes))
    except ModelFailed as error:
        return {"unexplained": str(error)}


def _provenance(history: BarSeries, slot: Slot, code_version: str) -> dict[str, Any]:
    return {
        **history.id._asdict(),
        "as_of": slot.as_of.label,
        "target": slot.target,
        "bars": len(history),
        "first_bar": history.bars[0].time,
        "data_digest": history.digest,
        "code_version": code_version,
        "recent": tuple((bar.time, bar.close) for bar in history.bars[-RECENT:]),
    }


def require_fresh(history: BarSeries, as_of: str) -> None:
    """Raise StaleData if the newest bar is not the as-of bar."""
    newest = history.last_time
    if newest == as_of:
        return
    span = history.interval.span
    if newest is None:
        found = "there is no data: no bar can be used"
    else:
        age = max(len(calendar_of(history.symbol, history.interval).labels_between(newest, as_of)) - 1, 1)
        found = f"data is {age} {span}{'' if age == 1 else 's'} old: the newest usable bar is {newest}'s"
    raise StaleData(
        f"{history.symbol}, forecast: {found}, but {as_of} is the last completed {span}. "
        f"No forecast is made from old data; try again when the source has the missing bar"
    )
