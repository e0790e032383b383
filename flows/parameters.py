"""What a run may be told: the fields of the run forms."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from flows.core.alerts import Alerting, AlertWhen, MailForm
from flows.core.connections import SOURCE_BLOCKS
from flows.core.intervals import DEFAULT, INTERVALS
from flows.core.models import MODELS
from flows.core.recipe import HIGHEST_LEVEL, ContestKind, Recipe, order_in

BEST = "best"
"""The choice of a model that leaves it to the comparison."""

_NAMES = {name.upper().replace("-", "_"): name for name in (BEST, *MODELS)}
ModelChoice = StrEnum("ModelChoice", _NAMES)  # type: ignore[misc]
"""A drop-down: the best model, or one by name."""


BEST_MODEL = ModelChoice(BEST)

NamedModel = StrEnum("NamedModel", {name.upper().replace("-", "_"): name for name in MODELS})  # type: ignore[misc]
"""A drop-down: one of the models."""


_SOURCES = {name.upper().replace("-", "_"): name for name in SOURCE_BLOCKS}
SourceChoice = StrEnum("SourceChoice", _SOURCES)  # type: ignore[misc]
"""A drop-down: where the bars come from."""

VENDOR = SourceChoice("alpha-vantage")


_METHODS = {name.upper().replace("-", "_"): name for name in INTERVALS}
MethodChoice = StrEnum("MethodChoice", _METHODS)  # type: ignore[misc]
"""A drop-down: how prediction intervals are made."""

METHOD = MethodChoice(DEFAULT)

Level = Annotated[float, Field(gt=0, le=HIGHEST_LEVEL)]
Order = Annotated[str, Field(pattern=r"^[0-5],[0-2],[0-5]$")]


def recipe(
    model: str, contest: ContestKind, intervals: str, levels: list[float] | None = None, arima_order: str = "1,1,0"
) -> Recipe:
    """Return what a run's parameters say about how forecasts are made."""
    return Recipe(
        model=None if model == BEST else str(model),
        contest=contest,
        order=order_in(arima_order),
        intervals=str(intervals),
        levels=tuple(sorted(set(levels or ()))),
    )


def _upper(value: object) -> object:
    # Only ASCII: Python's upper() makes other letters of some signs.
    return value.strip().upper() if isinstance(value, str) and value.isascii() else value


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


SymbolName = Annotated[
    str,
    # In front, so that it reaches the form: Prefect checks by it before anything is made capital. Without an asterisk or a
    # backslash before a sign, which are markdown where the form says what it has refused.
    Field(min_length=1, max_length=30, pattern=r"^\s{0,}[A-Za-z0-9^][A-Za-z0-9.^=&-]{0,}\s{0,}$"),
    BeforeValidator(_upper),
]

LateMinutes = Annotated[int, Field(ge=1, le=10_080)]
LATE_MINUTES = 240
Percent = Annotated[float, Field(ge=0, le=100)]


def alerting(when: AlertWhen, percent: float, form: MailForm) -> Alerting:
    """Return what a run's parameters say about which forecasts are mailed."""
    return Alerting(AlertWhen(when), percent, MailForm(form))


Symbols = Annotated[list[SymbolName], Field(min_length=1), AfterValidator(_unique)]

Models = Annotated[list[NamedModel], Field(min_length=1), AfterValidator(_unique)]
