"""What a run may be told: the fields of the run forms."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from flows.core.connections import SOURCE_BLOCKS
from flows.core.models import MODELS

BEST = "best"
"""The choice of a model that leaves it to the comparison."""

_NAMES = {name.upper().replace("-", "_"): name for name in (BEST, *MODELS)}
ModelChoice = StrEnum("ModelChoice", _NAMES)  # type: ignore[misc]
"""A drop-down: the best model, or one by name."""


BEST_MODEL = ModelChoice(BEST)


_SOURCES = {name.upper().replace("-", "_"): name for name in SOURCE_BLOCKS}
SourceChoice = StrEnum("SourceChoice", _SOURCES)  # type: ignore[misc]
"""A drop-down: where the bars come from."""

VENDOR = SourceChoice("alpha-vantage")


def chosen_model(choice: str) -> str | None:
    """Return the name of the model that a person chose, or None if the comparison decides."""
    return None if choice == BEST else str(choice)


def _upper(value: object) -> object:
    # Only ASCII: Python's upper() makes other letters of some signs.
    return value.strip().upper() if isinstance(value, str) and value.isascii() else value


def _unique(symbols: list[str]) -> list[str]:
    return list(dict.fromkeys(symbols))


SymbolName = Annotated[
    str, BeforeValidator(_upper), Field(min_length=1, max_length=30, pattern=r"^[A-Z0-9^][A-Z0-9.\-^=&]*$")
]

Symbols = Annotated[list[SymbolName], Field(min_length=1), AfterValidator(_unique)]
