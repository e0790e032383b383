"""Rows as a source gives them."""

import re
from datetime import UTC, datetime

from flows.core.bars import Interval, Origin
from flows.core.cleaning import Cleaned, RawBar, RawSeries

SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
WEEK = ("2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20")


def row(time: object, **cells: object) -> RawBar:
    """Return a row that can be used, but for the cells given."""
    return RawBar(time, "100.0", "102.0", "99.0", "101.0", "5000")._replace(**cells)


def raw(*rows: RawBar, notes: tuple[str, ...] = ()) -> RawSeries:
    """Return an answer that holds these rows."""
    return RawSeries("IBM", Interval.DAILY, Origin.LIVE, rows, SATURDAY, notes)


def counted(cleaned: Cleaned, words: str) -> int:
    """Return the number in the note that says how many bars were `words`."""
    found = [re.match(rf"(\d+) bars? {words}", note) for note in cleaned.notes]
    return sum(int(match[1]) for match in found if match)


def accounted(cleaned: Cleaned) -> int:
    """Return how many rows were used, rejected, left out as unfinished or dropped as repeated."""
    told = counted(cleaned, "left out") + counted(cleaned, "dropped")
    return len(cleaned.series) + len(cleaned.rejected) + told
