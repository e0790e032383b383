"""The default watchlist: the Prefect variable ``nextclose_watchlist``."""

import re

from prefect.variables import Variable
from pydantic import TypeAdapter, ValidationError

from flows.core.errors import FixConfiguration
from flows.parameters import Symbols

VARIABLE = "nextclose_watchlist"
BEGINNERS = ("IBM",)
"""What is forecast while nobody has set the variable: the demo key answers for it."""

_LIST: TypeAdapter[list[str]] = TypeAdapter(Symbols)


def watchlist() -> tuple[str, ...]:
    """Return what stands in the variable: a list, or text with commas or blanks between.

    What cannot be a symbol stays in it, so that the run names it and goes on with the others.
    """
    value = Variable.get(VARIABLE)
    if value is None:
        return BEGINNERS
    items = value.replace(",", " ").split() if isinstance(value, str) else value
    names = [str(item).strip().upper() for item in items] if isinstance(items, list) else [str(value)]
    return tuple(dict.fromkeys(names)) or ("(empty)",)


def parse_symbols(value: object) -> tuple[str, ...]:
    """Return the symbols in a list, or in text with commas or blanks between.

    Raises:
        FixConfiguration: It is neither, or one of them cannot be a symbol.
    """
    items = re.split(r"[\s,\"'\[\]]+", value.strip(" ,\"'[]")) if isinstance(value, str) else value
    try:
        return tuple(_LIST.validate_python(items))
    except ValidationError:
        raise FixConfiguration(
            f"watchlist, request: the variable {VARIABLE} holds {str(value)[:80]!r}, which is no list of symbols. "
            'Set it to something like ["IBM", "MSFT"]'
        ) from None
