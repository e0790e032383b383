"""The forecast of one symbol's next close, and everything that a reader may ask about it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from flows.core.backtest import Contest
from flows.core.bars import Interval, Origin
from flows.core.errors import FailureKind, NextcloseError
from flows.core.periods import Period
from flows.core.recipe import Chooser, Recipe
from flows.core.redaction import redact

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
    scale: float | None = None
    """The average absolute change between neighbouring closes of the history, the unit of MASE; None where nothing moved."""
    recipe: Recipe = field(default_factory=Recipe)
    """How it was made: with this recipe and the same bars it is made again."""

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
    known_at: datetime | None = None
    """Corrections that were received later played no part."""
    bars_read: Mapping[str, Any] = field(default_factory=dict)
    """Up to where the bars topic had been read, by partition; empty where the broker forgets."""

    @property
    def forecast_id(self) -> str:
        """A SHA-256 over what was forecast, from what and by what, in hexadecimal; not over when."""
        return identity(
            self.prediction, self.prediction.target.label, self.prediction.chosen_by, backfill=self.backfill
        )


def identity(p: object, target: str, chosen_by: str, *, backfill: bool) -> str:
    """Return the SHA-256 that is a forecast's id, of a prediction or of what is recorded of one."""
    facts = [getattr(p, name) for name in ("symbol", "interval", "origin", "as_of")]
    numbers = [repr(getattr(p, name)) for name in ("point", "lower80", "upper80", "lower95", "upper95", "naive")]
    model, digest, code = (getattr(p, name) for name in ("model", "data_digest", "code_version"))
    told = (*facts, target, model, chosen_by, *numbers, digest, code, str(backfill))
    return hashlib.sha256("|".join(told).encode()).hexdigest()


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

    @property
    def headline(self) -> str:
        """The reason in few words, such as ``data is 2 sessions old``."""
        return self.reason.removeprefix(f"{self.symbol}, {self.step}: ").partition(": ")[0]


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
