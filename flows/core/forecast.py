"""The forecast of one symbol's next close, and everything that a reader may ask about it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from flows.core.backtest import Contest, Tell, hold_contest
from flows.core.bars import BarSeries, Interval, Origin
from flows.core.errors import FailureKind, ModelFailed, NextcloseError, StaleData
from flows.core.intervals import LEVELS
from flows.core.limits import limits_for, measured
from flows.core.models import BASELINE, Model
from flows.core.models.refits import explained
from flows.core.periods import Period, Slot
from flows.core.recipe import Chooser, Recipe
from flows.core.redaction import redact

RECENT = 60
"""How many closes a prediction carries along for its chart."""

Step = Literal["request", "connect", "fetch", "clean", "produce", "consume", "forecast", "record"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the models say about one target; the same bars always give the same prediction."""

    symbol: str
    interval: Interval
    origin: Origin
    as_of: str
    target: Period
    point: float
    lower80: float
    upper80: float
    lower95: float
    upper95: float
    naive: float
    model: str
    chosen_by: Chooser
    contest: Contest
    parameters: Mapping[str, float | str]
    bars: int
    first_bar: str
    data_digest: str
    code_version: str
    recent: tuple[tuple[str, float], ...] = field(repr=False, default=())
    intervals: str = "ewma-aci"
    """The method of the intervals."""
    interval_state: Mapping[str, float] = field(default_factory=dict)
    """With what the method made them."""
    more: tuple[tuple[float, float, float], ...] = ()
    """Intervals of other levels: (level, lower, upper)."""

    @property
    def change(self) -> float:
        """The forecast's relative change from the as-of close."""
        return self.point / self.naive - 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """A prediction that was issued: at an instant, by a run, to be scored."""

    prediction: Prediction
    issued_at: datetime
    run_id: str
    backfill: bool
    """Made when the target had closed already, or with a past `now` on live data: kept, never counted."""
    given_now: bool = False
    """The run was told what instant to play at, so that `issued_at` proves nothing."""
    place: int = 0
    """Its number among the ledger's forecasts of this series; 0 while it has none."""
    previous: str | None = None
    """The hash of the record before it."""
    record_hash: str = ""
    """The hash of its own record; empty while it has none."""

    @property
    def forecast_id(self) -> str:
        """A SHA-256 over what was forecast, from what and by what, in hexadecimal; not over when."""
        p = self.prediction
        numbers = (p.point, p.lower80, p.upper80, p.lower95, p.upper95, p.naive)
        facts = (p.symbol, p.interval, p.origin, p.as_of, p.target.label, p.model, p.chosen_by, *map(repr, numbers))
        return hashlib.sha256(
            "|".join((*facts, p.data_digest, p.code_version, str(self.backfill))).encode()
        ).hexdigest()


@dataclass(frozen=True, slots=True)
class SymbolFailure:
    """Why a symbol has no forecast: a value, so that the other symbols go on."""

    symbol: str
    step: Step
    kind: FailureKind
    reason: str
    due: str
    """The as-of bar that the forecast would have been made after; empty if that is unknown."""
    error: str
    """The name of the error's class, such as StaleData."""


def failure_of(symbol: str, step: Step, error: BaseException, due: str) -> SymbolFailure:
    """Turn the error that stopped a symbol into a value; one that is not ours is called by its own type's name."""
    if isinstance(error, NextcloseError):
        said = str(error)
        head = f"{symbol}, " if said.startswith(f"{step}: ") else f"{symbol}, {step}: "
        reason = said if symbol[:40] in said else head + said
        return SymbolFailure(symbol, step, error.kind, reason, due, type(error).__name__)
    first_line = str(error).partition("\n")[0]
    reason = f"{symbol}, {step}: unexpected {type(error).__name__}: {first_line}. Please report this"
    return SymbolFailure(symbol, step, "data", redact(reason), due, type(error).__name__)


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
    )


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
    if history.last_time != as_of:
        found = f"the newest usable bar is {history.last_time}'s" if history.last_time else "there is no usable bar"
        raise StaleData(
            f"{history.symbol}, forecast: {found}, but {as_of} is the last completed {history.interval.span}. "
            f"No forecast is made from old data; try again when the source has the missing bar"
        )
