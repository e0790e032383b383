"""What is wrong with one row: the rules that a bar's numbers have to keep."""

import math
import re
from typing import NamedTuple

from flows.core.stamps import shown

LARGEST_PRICE = 1e12
LONGEST_NUMBER = 60
"""No price is longer; a pattern tried on a megabyte of digits takes minutes."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PRICES = ("open", "high", "low", "close")


class RawBar(NamedTuple):
    """One row as the source gave it, columns already named by meaning, values untouched."""

    time: object
    open: object
    high: object
    low: object
    close: object
    volume: object


def fault_in(row: RawBar) -> str | None:
    """Return why a row's numbers cannot be used, or None."""
    return _number_fault(row) or _shape_fault(row)


def _number_fault(row: RawBar) -> str | None:
    for name, value in zip(row._fields[1:], row[1:], strict=True):
        number = number_in(value)
        if number is None:
            return f"{name} {shown(value)} is not a finite number"
        if number < 0 or (number == 0 and name in _PRICES):
            return f"{name} {shown(value)} is not positive"
        if number > LARGEST_PRICE and name in _PRICES:
            return f"{name} {shown(value)} is larger than any price"
    return None


def _shape_fault(row: RawBar) -> str | None:
    prices = {name: float(str(getattr(row, name))) for name in _PRICES}
    if prices["low"] > min(prices["open"], prices["close"]):
        return f"low {row.low} is above open {row.open} or close {row.close}"
    if prices["high"] < max(prices["open"], prices["close"]):
        return f"high {row.high} is below open {row.open} or close {row.close}"
    return None


def number_in(value: object) -> float | None:
    """Return the finite number that a cell holds, or None if it holds none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None
