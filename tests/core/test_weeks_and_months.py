"""Tests of which week and month is complete, against last sessions worked out by hand from the lists of holidays."""

import pytest

from flows.core.bars import Interval
from tests.core.moments import around

WEEKS = [
    # An ordinary Friday, before and after its close and the grace, and the days after it.
    ("IBM", "2026-11-20 16:14:59 New-York", "2026-11-13", "2026-11-20"),
    ("IBM", "2026-11-20 16:15:00 New-York", "2026-11-20", "2026-11-27"),
    ("IBM", "2026-11-22 23:59 New-York", "2026-11-20", "2026-11-27"),
    ("IBM", "2026-11-26 12:00 New-York", "2026-11-20", "2026-11-27"),
    ("IBM", "2026-11-27 13:14 New-York", "2026-11-20", "2026-11-27"),
    ("IBM", "2026-11-27 13:15 New-York", "2026-11-27", "2026-12-04"),
    # Good Friday: the week ends on Thursday. So does the week of Independence Day in 2026.
    ("IBM", "2026-04-02 16:14 New-York", "2026-03-27", "2026-04-02"),
    ("IBM", "2026-04-02 16:15 New-York", "2026-04-02", "2026-04-10"),
    ("IBM", "2026-07-02 16:15 New-York", "2026-07-02", "2026-07-10"),
    ("TSCO.LON", "2026-04-02 16:45 London", "2026-04-02", "2026-04-10"),
    ("SHOP.TRT", "2026-04-02 16:15 Toronto", "2026-04-02", "2026-04-10"),
    ("MBG.DEX", "2026-05-01 12:00 Frankfurt", "2026-04-30", "2026-05-08"),
    ("RELIANCE.BSE", "2026-04-02 15:45 Mumbai", "2026-04-02", "2026-04-10"),
    # Christmas and the turn of the year, with half days in New York and London, and none at all in Frankfurt.
    ("IBM", "2026-12-24 13:14 New-York", "2026-12-18", "2026-12-24"),
    ("IBM", "2026-12-24 13:15 New-York", "2026-12-24", "2026-12-31"),
    ("IBM", "2026-12-31 16:15 New-York", "2026-12-31", "2027-01-08"),
    ("TSCO.LON", "2026-12-24 12:44 London", "2026-12-18", "2026-12-24"),
    ("TSCO.LON", "2026-12-24 12:45 London", "2026-12-24", "2026-12-31"),
    ("TSCO.LON", "2026-12-31 12:45 London", "2026-12-31", "2027-01-08"),
    ("GPV.TRV", "2026-12-24 13:15 Toronto", "2026-12-24", "2026-12-31"),
    ("MBG.DEX", "2026-12-23 17:44 Frankfurt", "2026-12-18", "2026-12-23"),
    ("MBG.DEX", "2026-12-23 17:45 Frankfurt", "2026-12-23", "2026-12-30"),
    ("MBG.DEX", "2026-12-30 14:15 Frankfurt", "2026-12-30", "2027-01-08"),
    # A week of two sessions after Golden Week, and a whole week without any at Chinese New Year.
    ("600104.SHH", "2026-09-30 15:15 Shanghai", "2026-09-30", "2026-10-09"),
    ("000002.SHZ", "2026-02-18 12:00 Shanghai", "2026-02-13", "2026-02-27"),
    # The hour of trading on Sunday 8 November 2026 makes no week; Diwali 2024 fell on a Friday.
    ("RELIANCE.BSE", "2026-11-08 20:00 Mumbai", "2026-11-06", "2026-11-13"),
    ("RELIANCE.BSE", "2024-10-31 15:45 Mumbai", "2024-10-31", "2024-11-08"),
    # Change of clocks: Friday's close stands at another hour of Casablanca's.
    ("IBM", "2026-09-18 21:14 Casablanca", "2026-09-11", "2026-09-18"),
    ("IBM", "2026-09-18 21:15 Casablanca", "2026-09-18", "2026-09-25"),
    ("IBM", "2026-09-25 20:15 Casablanca", "2026-09-25", "2026-10-02"),
    ("IBM", "2026-11-06 20:15 Casablanca", "2026-10-30", "2026-11-06"),
    ("IBM", "2026-11-06 21:15 Casablanca", "2026-11-06", "2026-11-13"),
    ("IBM", "2028-02-29 16:15 New-York", "2028-02-25", "2028-03-03"),
]
MONTHS = [
    # Saturday 31 January, Sunday 31 May, Saturday 31 October: the month ends on the Friday before.
    ("IBM", "2026-01-30 16:14 New-York", "2025-12-31", "2026-01-30"),
    ("IBM", "2026-01-30 16:15 New-York", "2026-01-30", "2026-02-27"),
    ("IBM", "2026-05-31 12:00 New-York", "2026-05-29", "2026-06-30"),
    ("IBM", "2026-11-01 12:00 New-York", "2026-10-30", "2026-11-30"),
    ("IBM", "2026-11-30 16:14 New-York", "2026-10-30", "2026-11-30"),
    # Memorial Day on Monday 31 May 2027; Good Friday on 29 March 2024.
    ("IBM", "2027-05-28 16:15 New-York", "2027-05-28", "2027-06-30"),
    ("IBM", "2024-03-28 16:15 New-York", "2024-03-28", "2024-04-30"),
    ("MBG.DEX", "2024-03-28 17:45 Frankfurt", "2024-03-28", "2024-04-30"),
    ("RELIANCE.BSE", "2024-03-28 15:45 Mumbai", "2024-03-28", "2024-04-30"),
    # Spring holiday in London on Monday 31 May 2027, summer holiday on Monday 31 August 2026.
    ("TSCO.LON", "2027-05-28 16:45 London", "2027-05-28", "2027-06-30"),
    ("TSCO.LON", "2026-08-28 16:45 London", "2026-08-28", "2026-09-30"),
    # The turn of the year: half days in London and Frankfurt, an ordinary one in New York and Toronto.
    ("IBM", "2026-12-31 16:14 New-York", "2026-11-30", "2026-12-31"),
    ("IBM", "2026-12-31 16:15 New-York", "2026-12-31", "2027-01-29"),
    ("SHOP.TRT", "2026-12-31 16:15 Toronto", "2026-12-31", "2027-01-29"),
    ("TSCO.LON", "2026-12-31 12:44 London", "2026-11-30", "2026-12-31"),
    ("TSCO.LON", "2026-12-31 12:45 London", "2026-12-31", "2027-01-29"),
    ("MBG.DEX", "2026-12-30 14:14 Frankfurt", "2026-11-30", "2026-12-30"),
    ("MBG.DEX", "2026-12-30 14:15 Frankfurt", "2026-12-30", "2027-01-29"),
    ("600104.SHH", "2026-09-30 15:15 Shanghai", "2026-09-30", "2026-10-30"),
    ("600104.SHH", "2026-12-01 12:00 Shanghai", "2026-11-30", "2026-12-31"),
    ("RELIANCE.BSE", "2026-12-01 12:00 Mumbai", "2026-11-30", "2026-12-31"),
    # The leap day.
    ("IBM", "2028-02-29 16:14 New-York", "2028-01-31", "2028-02-29"),
    ("IBM", "2028-02-29 16:15 New-York", "2028-02-29", "2028-03-31"),
    ("MBG.DEX", "2028-02-29 17:45 Frankfurt", "2028-02-29", "2028-03-31"),
]


@pytest.mark.parametrize(("symbol", "now", "as_of", "target"), WEEKS)
def test_a_week_ends_with_its_last_session(symbol: str, now: str, as_of: str, target: str) -> None:
    """Whichever day that is, the bar is known a quarter of an hour after that session's close."""
    assert (as_of, target) == around(symbol, Interval.WEEKLY, now)


@pytest.mark.parametrize(("symbol", "now", "as_of", "target"), MONTHS)
def test_a_month_ends_with_its_last_session(symbol: str, now: str, as_of: str, target: str) -> None:
    """Weekends, holidays and half days at a month's end move its last close."""
    assert (as_of, target) == around(symbol, Interval.MONTHLY, now)
