"""Tests of a run's name."""

from datetime import UTC, date, datetime

import pytest

from flows.core.bars import Interval
from flows.core.calendars import calendar_of
from flows.core.titles import span, title

SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("as_of", "interval", "told"),
    [
        (date(2026, 11, 20), Interval.DAILY, "2026-11-20→23"),
        (date(2026, 11, 30), Interval.DAILY, "2026-11-30→12-01"),
        (date(2026, 12, 31), Interval.DAILY, "2026-12-31→2027-01-04"),
        (date(2026, 11, 20), Interval.WEEKLY, "2026-11-20→27"),
    ],
)
def test_a_span_repeats_nothing(as_of: date, interval: Interval, told: str) -> None:
    """Month and year stand once, unless they change."""
    assert span(calendar_of("IBM", interval).slot_after(as_of)) == told


def test_bars_within_a_session_have_their_time() -> None:
    """On the exchange's clock; the day stands once."""
    inside = calendar_of("IBM", Interval.MIN_5).slot(datetime(2026, 11, 20, 16, 1, tzinfo=UTC))
    assert span(inside) == "2026-11-20 11:00→11:05"


def test_one_symbol_gives_its_name_and_several_are_a_watchlist() -> None:
    """Where not all have the same bars, none stand there."""
    new_york, london = (
        calendar_of("IBM").slot(SATURDAY),
        calendar_of("TSCO.LON").slot(datetime(2026, 11, 27, 19, tzinfo=UTC)),
    )
    assert title(["IBM"], Interval.DAILY, [new_york]) == "IBM daily 2026-11-20→23"
    assert title(["IBM", "MSFT"], Interval.DAILY, [new_york, new_york]) == "watchlist daily 2026-11-20→23"
    assert title(["IBM", "TSCO.LON"], Interval.DAILY, [new_york, london]) == "watchlist daily"
    assert title(["IBM"], Interval.DAILY, [new_york], "evaluate") == "evaluate IBM daily 2026-11-20→23"
