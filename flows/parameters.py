"""What a run may be told: the fields of the run forms."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from flows.core.bars import Interval
from flows.core.models import MODELS

ModelName = StrEnum("ModelName", {name.upper().replace("-", "_"): name for name in MODELS})  # type: ignore[misc]


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _unique(symbols: list[str]) -> list[str]:
    return list(dict.fromkeys(symbols))


SymbolName = Annotated[
    str, BeforeValidator(_upper), Field(min_length=1, max_length=30, pattern=r"^[A-Z0-9][A-Z0-9.\-^=&]*$")
]

SymbolField = Annotated[
    SymbolName,
    Field(
        title="Symbol", description="The company's symbol as Alpha Vantage spells it, such as IBM.", examples=["IBM"]
    ),
]
SymbolsField = Annotated[
    Annotated[list[SymbolName], Field(min_length=1), AfterValidator(_unique)] | None,
    Field(
        title="Symbols",
        description="The symbols to forecast; empty for the watchlist in the variable nextclose_watchlist.",
    ),
]
IntervalField = Annotated[Interval, Field(title="Interval", description="How much time one bar spans.")]
ModelField = Annotated[
    ModelName | None,
    Field(title="Model", description="Use this model; empty for the one with the lowest error in the comparison."),
]
AsOfField = Annotated[
    date | None,
    Field(title="As of", description="The last completed bar to use; empty for the newest one."),
]
NowField = Annotated[
    AwareDatetime | None,
    Field(title="Now", description="Play the run as if at this instant, with its time zone; empty for the clock."),
]
ResendField = Annotated[
    bool, Field(title="Send again", description="Mail the forecasts even if these recipients have had them already.")
]
