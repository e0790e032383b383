"""Tests of rows that look usable and are not: a week's bar from the middle of the week, rows whose date cannot be read."""

import pytest

from flows.core.bars import Interval, Origin
from flows.core.calendars import calendar_of
from flows.core.cleaning import RawSeries, clean
from flows.core.errors import RejectData
from tests.core.rows import SATURDAY, raw, row

DAYS = calendar_of("IBM").labels_between("2026-06-01", "2026-11-20")[-100:]


@pytest.mark.parametrize(
    ("interval", "day", "span"), [(Interval.WEEKLY, "2026-11-18", "week"), (Interval.MONTHLY, "2026-10-29", "month")]
)
def test_a_bar_that_ends_before_its_period_is_never_used(interval: Interval, day: str, span: str) -> None:
    """A vendor that is late still shows the partial bar when the period is over."""
    found = clean(RawSeries("IBM", interval, Origin.LIVE, (row(day),), SATURDAY), SATURDAY)
    assert (found.series.bars, found.rejected) == ((), ())
    assert found.notes == (f"1 bar set aside because it ends before the last session of its {span}: {day}",)


@pytest.mark.parametrize(("undated", "trusted"), [(2, True), (3, False)])
def test_rows_without_a_date_count_as_bad(undated: int, trusted: bool) -> None:
    """Nobody knows where they belong, so they may belong anywhere."""
    found = clean(raw(*map(row, DAYS), *(row("20.11.2026") for _ in range(undated))), SATURDAY)
    if trusted:
        found.require_trust(DAYS[-1])
        return
    with pytest.raises(RejectData, match=f"{undated} of {100 + undated} bars"):
        found.require_trust(DAYS[-1])
