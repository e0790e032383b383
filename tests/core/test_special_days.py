"""Tests of sessions that are held for ceremony, of days beyond the known holidays, and of unknown exchanges."""

from datetime import date

import pytest

from flows.core.bars import Interval, Origin
from flows.core.calendars import calendar_of
from flows.core.cleaning import Cleaned, RawSeries, clean
from flows.core.errors import BeyondCalendar, RejectSymbol
from flows.core.sessions import EXCHANGES
from tests.core.moments import around, at
from tests.core.rows import row

DIWALI = [
    ("2024-11-01", "2024-10-31", "2024-11-04"),
    ("2025-10-21", "2025-10-20", "2025-10-23"),
    ("2026-11-08", "2026-11-06", "2026-11-09"),
]
FESTIVE = pytest.mark.parametrize(("day", "before", "after"), DIWALI)


def cleaned(*days: str, now: str, interval: Interval = Interval.DAILY) -> Cleaned:
    """Return what becomes of Reliance's rows of these times."""
    rows = tuple(map(row, days))
    return clean(RawSeries("RELIANCE.BSE", interval, Origin.LIVE, rows, at(now)), at(now))


@FESTIVE
def test_the_hour_of_trading_on_diwali_is_set_aside(day: str, before: str, after: str) -> None:
    """Its bar is not used, not in quarantine, not counted as missing, and told in a note."""
    found = cleaned(before, day, after, now=f"{after} 16:00 Mumbai")
    assert [bar.time for bar in found.series.bars] == [before, after]
    expected = (f"1 bar set aside because XBOM held only a short special session that day: {day}",)
    assert ((), expected) == (found.rejected, found.notes)


@FESTIVE
def test_the_hour_of_trading_on_diwali_is_no_as_of(day: str, before: str, after: str) -> None:
    """On the evening itself the last session is still the day before, and the answer is trusted."""
    found = cleaned(before, day, now=f"{day} 20:00 Mumbai")
    assert (before, after) == around("RELIANCE.BSE", Interval.DAILY, f"{day} 20:00 Mumbai")
    found.require_trust(before)
    found.require_sound(before)
    assert found.series.last_time == before


@FESTIVE
def test_the_minutes_of_trading_on_diwali_are_set_aside(day: str, before: str, after: str) -> None:
    """Bars within the ceremony are none of a session's."""
    found = cleaned(f"{before} 15:25", f"{day} 18:15", f"{after} 09:15", now=f"{after} 16:00 Mumbai", interval=FIVE)
    assert (len(found.series), found.rejected) == (2, ())
    assert "1 bar set aside because XBOM was closed" in found.notes[0]


FIVE = Interval.MIN_5


@pytest.mark.parametrize("day", ["2005-11-01", "2006-10-21", "2009-10-17", "2011-10-26", "2013-11-03"])
def test_earlier_ceremonies_are_no_faults_of_the_data(day: str) -> None:
    """A whole history reaches back beyond 2014: its festive evenings are set aside like later ones."""
    found = cleaned(day, now="2026-11-20 16:00 Mumbai")
    assert [found.reason for found in found.rejected] == []


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        ("2015-02-28", "2015-02-27", "2015-03-02"),
        ("2020-02-01", "2020-01-31", "2020-02-03"),
        ("2025-02-01", "2025-01-31", "2025-02-03"),
        ("2026-02-01", "2026-01-30", "2026-02-02"),
    ],
)
def test_a_weekend_on_which_the_budget_is_read_is_a_session_in_mumbai(day: str, before: str, after: str) -> None:
    """The exchange kept its ordinary hours, 9:15 to 15:30, on these Saturdays and this Sunday."""
    found = cleaned(before, day, after, now=f"{after} 16:00 Mumbai")
    assert ([before, day, after], ()) == ([bar.time for bar in found.series.bars], found.rejected)
    assert (day, after) == around("RELIANCE.BSE", Interval.DAILY, f"{day} 15:45 Mumbai")


@pytest.mark.parametrize(
    ("symbol", "now"),
    [
        ("RELIANCE.BSE", "2026-12-31 15:45 Mumbai"),
        ("RELIANCE.BSE", "2027-01-05 12:00 Mumbai"),
        ("600104.SHH", "2026-12-31 15:15 Shanghai"),
        ("600104.SHH", "2030-06-03 12:00 UTC"),
        ("000002.SHZ", "2027-02-01 12:00 Casablanca"),
    ],
)
@pytest.mark.parametrize("interval", Interval)
def test_beyond_the_known_holidays_an_error_says_what_is_known(symbol: str, now: str, interval: Interval) -> None:
    """Where nobody knows the next session, no target is made up."""
    with pytest.raises(BeyondCalendar, match=r"outside the calendar of X(BOM|SHG), .* to 2026-12-31\. Later holidays"):
        around(symbol, interval, now)


@pytest.mark.parametrize("interval", Interval)
@pytest.mark.parametrize("symbol", ["RELIANCE.BSE", "600104.SHH"])
def test_a_day_beyond_the_known_holidays_has_no_slot(symbol: str, interval: Interval) -> None:
    """The same holds for an as-of that is given as a day."""
    with pytest.raises(BeyondCalendar, match="to 2026-12-31"):
        calendar_of(symbol, interval).slot_after(date(2027, 1, 5))


def test_the_last_known_session_is_a_target_still() -> None:
    """On its own day the last session of the calendar can be forecast."""
    assert around("600104.SHH", Interval.DAILY, "2026-12-31 15:14 Shanghai") == ("2026-12-30", "2026-12-31")
    assert around("RELIANCE.BSE", Interval.DAILY, "2026-12-31 15:44 Mumbai") == ("2026-12-30", "2026-12-31")


def test_a_week_that_is_known_in_part_is_no_target() -> None:
    """Whether Friday 1 January 2027 is a holiday in Shanghai is not known, so that week has no last session."""
    assert around("600104.SHH", Interval.WEEKLY, "2026-12-25 15:14 Shanghai") == ("2026-12-18", "2026-12-25")
    with pytest.raises(BeyondCalendar, match="the weekly bar after 2026-12-25T15:15:00"):
        around("600104.SHH", Interval.WEEKLY, "2026-12-25 15:15 Shanghai")


@pytest.mark.parametrize("interval", Interval)
@pytest.mark.parametrize("symbol", ["TSCO.LSE", "RELIANCE.NSE", "BRK.B", "IBM.", "0700.HKG", "MBG.dex"])
def test_an_unknown_suffix_is_told_with_all_that_are_known(symbol: str, interval: Interval) -> None:
    """The sentence lists every suffix, so that the right one can be picked."""
    with pytest.raises(RejectSymbol) as caught:
        calendar_of(symbol, interval)
    text = str(caught.value)
    assert text.startswith(f"{symbol}, request: ")
    assert [
        f"{suffix} ({code})" for suffix, code in EXCHANGES.items() if suffix and f"{suffix} ({code})" not in text
    ] == []
    assert "no suffix for New York (XNYS)" in text
