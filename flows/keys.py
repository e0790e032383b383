"""What makes two tasks' work the same: the keys of the caches."""

import hashlib
from typing import Any

from prefect.context import TaskRunContext

from flows.core.bars import BarSeries, SeriesId
from flows.core.periods import Slot
from flows.parts import Parts
from flows.version import code_version


def fetch_key(_context: TaskRunContext, given: dict[str, Any]) -> str:
    """One answer a source, symbol and bar that is due."""
    series: SeriesId = given["series"]
    parts: Parts = given["parts"]
    return _key("fetch", *series, parts.source.variant, given["month"], str(given["deep"]), given["due"])


def forecast_key(_context: TaskRunContext, given: dict[str, Any]) -> str:
    """One prediction for the same bars, target, recipe and code."""
    history: BarSeries = given["history"]
    slot: Slot = given["slot"]
    return _key("forecast", history.digest, slot.as_of.label, slot.target.label, repr(given["recipe"]), code_version())


def evaluation_key(_context: TaskRunContext, given: dict[str, Any]) -> str:
    """One comparison of the same bars by the same recipe and code."""
    history: BarSeries = given["history"]
    return _key("evaluate", history.digest, given["as_of"], repr(given["recipe"]), code_version())


def _key(*facts: str) -> str:
    # A digest, because the key becomes a file's name.
    return f"{facts[0]}-{hashlib.sha256('|'.join(facts).encode()).hexdigest()}"
