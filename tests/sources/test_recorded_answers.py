"""Tests of each function's answer on its way to bars: which bars, which instants, which closes."""

import json
from datetime import datetime

import pytest

from flows.core.bars import Bar, Interval, Origin
from flows.core.calendars import calendar_of
from flows.core.cleaning import Cleaned, clean
from flows.sources import BarRequest
from flows.sources.alpha_vantage import parse
from tests.core.moments import at
from tests.sources.recorded import DELAYED, Payload, adjusted, answer, extended_day, intraday, plain

WEDNESDAY = at("2026-11-18 15:30 Casablanca")
SATURDAY = at("2026-11-21 12:00 UTC")
AUTUMN, SPRING = ("2026-10-30", "2026-11-02"), ("2026-03-06", "2026-03-09")


def bars_in(
    payload: Payload, interval: Interval, now: datetime, *, symbol: str = "IBM", is_adjusted: bool = False
) -> Cleaned:
    """Return what an answer comes to when it is read and cleaned at `now`."""
    request = BarRequest(symbol, interval, now)
    return clean(parse(json.dumps(payload).encode(), request, Origin.LIVE, adjusted=is_adjusted), now)


def closes(cleaned: Cleaned) -> dict[str, float]:
    """Return the closes by the times of their bars."""
    return {bar.time: bar.close for bar in cleaned.series.bars}


@pytest.mark.parametrize(
    ("function", "interval", "rows", "expected"),
    [
        (
            "TIME_SERIES_DAILY",
            Interval.DAILY,
            {"2026-11-18": 103.0, "2026-11-17": 102.0, "2026-11-16": 101.0},
            {"2026-11-16": 101.0, "2026-11-17": 102.0},
        ),
        (
            "TIME_SERIES_WEEKLY",
            Interval.WEEKLY,
            {"2026-11-18": 103.0, "2026-11-13": 102.0, "2026-11-06": 101.0},
            {"2026-11-06": 101.0, "2026-11-13": 102.0},
        ),
        (
            "TIME_SERIES_MONTHLY",
            Interval.MONTHLY,
            {"2026-11-18": 103.0, "2026-10-30": 102.0, "2026-09-30": 101.0},
            {"2026-09-30": 101.0, "2026-10-30": 102.0},
        ),
    ],
)
def test_the_running_bar_is_left_out_with_a_note(
    function: str, interval: Interval, rows: dict[str, float], expected: dict[str, float]
) -> None:
    """The newest bar of each answer is that of a session, week or month that is not over."""
    found = bars_in(answer(function, {day: plain(close) for day, close in rows.items()}), interval, WEDNESDAY)
    note = f"1 bar left out because the {interval.span} was not complete: 2026-11-18"
    assert (expected, (note,), ()) == (closes(found), found.notes, found.rejected)


@pytest.mark.parametrize(
    ("function", "interval", "days"),
    [
        ("TIME_SERIES_DAILY_ADJUSTED", Interval.DAILY, ("2026-11-18", "2026-11-17", "2026-11-16")),
        ("TIME_SERIES_WEEKLY_ADJUSTED", Interval.WEEKLY, ("2026-11-18", "2026-11-13", "2026-11-06")),
        ("TIME_SERIES_MONTHLY_ADJUSTED", Interval.MONTHLY, ("2026-11-18", "2026-10-30", "2026-09-30")),
    ],
)
def test_adjusted_prices_are_in_todays_shares(function: str, interval: Interval, days: tuple[str, ...]) -> None:
    """All prices of a bar are scaled alike, and the volume is the volume although its number is another."""
    running, last, first = days
    split = interval is Interval.DAILY
    rows = {
        running: adjusted(90.0, 90.0, split=split),
        last: adjusted(100.0, 100.0, 7_000, split=split),
        first: adjusted(1_000.0, 100.0, 700, split=split),
    }
    found = bars_in(answer(function, rows), interval, WEDNESDAY, is_adjusted=True)
    expected = (
        Bar(first, 99.95, 100.1, 99.9, 100.0, 700.0),
        Bar(last, 99.5, 101.0, 99.0, 100.0, 7_000.0),
    )
    assert (expected, ()) == (found.series.bars, found.rejected)


def test_the_prices_that_were_paid_are_taken_where_no_adjustment_is_wanted() -> None:
    """The split of ten for one stays in the closes of the plain function."""
    rows = {"2026-11-17": plain(100.0), "2026-11-16": plain(1_000.0)}
    found = bars_in(answer("TIME_SERIES_DAILY", rows), Interval.DAILY, SATURDAY)
    assert closes(found) == {"2026-11-16": 1_000.0, "2026-11-17": 100.0}


def test_weeks_and_months_that_end_before_a_holiday_are_whole() -> None:
    """Good Friday 2026 ends the week on Thursday 2 April, Good Friday 2024 ends March on the 28th."""
    week = answer("TIME_SERIES_WEEKLY", {"2026-04-10": plain(3.0), "2026-04-02": plain(2.0), "2026-03-27": plain(1.5)})
    month = answer("TIME_SERIES_MONTHLY", {"2024-04-30": plain(3.0), "2024-03-28": plain(2.0)})
    found = [bars_in(week, Interval.WEEKLY, SATURDAY), bars_in(month, Interval.MONTHLY, SATURDAY)]
    assert [list(closes(one)) for one in found] == [
        ["2026-03-27", "2026-04-02", "2026-04-10"],
        ["2024-03-28", "2024-04-30"],
    ]
    assert [(one.notes, one.rejected) for one in found] == [((), ())] * 2


@pytest.mark.parametrize(
    ("days", "first", "last", "next_first"),
    [
        (AUTUMN, "2026-10-30T13:30:00Z", "2026-10-30T19:55:00Z", "2026-11-02T14:30:00Z"),
        (SPRING, "2026-03-06T14:30:00Z", "2026-03-06T20:55:00Z", "2026-03-09T13:30:00Z"),
    ],
    ids=["clocks back", "clocks forward"],
)
def test_the_close_of_a_day_is_its_last_regular_bars(
    days: tuple[str, str], first: str, last: str, next_first: str
) -> None:
    """Of 192 bars a day 78 are the session's, on New York's clock of that day; the print at 19:55 is no close."""
    special = {"09:25": 1.0, "09:30": 229.0, "15:55": 231.55, "16:00": 2.0, "19:55": 999.0}
    rows = extended_day(days[1], 5, special) | extended_day(days[0], 5, special)
    found = bars_in(intraday("5min", rows), Interval.MIN_5, SATURDAY)
    bars = found.series.bars
    assert (len(bars), found.rejected) == (156, ())
    assert (first, last, next_first) == (bars[0].time, bars[77].time, bars[78].time)
    assert [bars[place].close for place in (0, 77, 78, 155)] == [229.0, 231.55, 229.0, 231.55]
    assert [f"228 bars set aside because they lie outside the regular session: {days[0]}"] == [
        note[: len(note.split(": ")[0]) + 12] for note in found.notes
    ]


def test_hours_are_full_hours_of_the_exchanges_clock() -> None:
    """Of sixteen hours a day seven hold the session; the last of them closes it."""
    rows = extended_day("2026-11-20", 60, {"09:00": 230.0, "15:00": 231.55, "16:00": 2.0, "19:00": 999.0})
    found = bars_in(intraday("60min", rows), Interval.MIN_60, SATURDAY)
    assert [f"2026-11-20T{hour}:00:00Z" for hour in range(14, 21)] == list(closes(found))
    assert (found.series.bars[0].close, found.series.bars[-1].close) == (230.0, 231.55)


def test_the_first_hour_may_carry_the_time_of_the_opening() -> None:
    """Without the hours around it, the vendor may call the first bar 09:30: it is the same bar."""
    rows = {"2026-11-20 10:00:00": plain(2.0), "2026-11-20 09:30:00": plain(1.5)}
    found = bars_in(intraday("60min", rows), Interval.MIN_60, SATURDAY)
    assert closes(found) == {"2026-11-20T14:00:00Z": 1.5, "2026-11-20T15:00:00Z": 2.0}


def test_after_an_early_close_there_is_no_session() -> None:
    """On the day after Thanksgiving the bars from 13:00 on are after-hours, and 12:55 has the close."""
    rows = extended_day("2026-11-27", 5, {"12:55": 231.55, "13:00": 2.0, "15:55": 3.0})
    found = bars_in(intraday("5min", rows), Interval.MIN_5, at("2026-11-28 12:00 UTC"))
    assert (
        len(found.series),
        found.series.last_time,
        found.series.bars[-1].close,
    ) == (42, "2026-11-27T17:55:00Z", 231.55)


def test_the_running_bar_within_a_session_is_left_out() -> None:
    """At 10:30 and five seconds the bar of 10:25 may still change."""
    rows = {"2026-11-20 10:30:00": plain(3.0), "2026-11-20 10:25:00": plain(2.0), "2026-11-20 10:20:00": plain(1.5)}
    found = bars_in(intraday("5min", rows), Interval.MIN_5, at("2026-11-20 10:30:05 New-York"))
    assert closes(found) == {"2026-11-20T15:20:00Z": 1.5}
    assert found.notes == (
        "2 bars left out because the bar was not complete: 2026-11-20T15:25:00Z, 2026-11-20T15:30:00Z",
    )


@pytest.mark.parametrize("suffix", [DELAYED, " - REALTIME", ""])
def test_an_entitlement_changes_the_names_and_not_the_bars(suffix: str) -> None:
    """The key of the series is known by how it begins."""
    day = answer("TIME_SERIES_DAILY", {"2026-11-20": plain(2.0)}, suffix=suffix)
    minutes = intraday("5min", {"2026-11-20 15:55:00": plain(2.0)}, suffix=suffix)
    assert closes(bars_in(day, Interval.DAILY, SATURDAY)) == {"2026-11-20": 2.0}
    assert closes(bars_in(minutes, Interval.MIN_5, SATURDAY)) == {"2026-11-20T20:55:00Z": 2.0}


@pytest.mark.parametrize(
    ("symbol", "day", "close"),
    [
        ("TSCO.LON", "2026-12-24", "2026-12-24 12:30 London"),
        ("SHOP.TRT", "2026-11-20", "2026-11-20 16:00 Toronto"),
        ("MBG.DEX", "2026-12-30", "2026-12-30 14:00 Frankfurt"),
        ("RELIANCE.BSE", "2026-11-20", "2026-11-20 15:30 Mumbai"),
        ("600104.SHH", "2026-09-30", "2026-09-30 15:00 Shanghai"),
        ("000002.SHZ", "2026-11-20", "2026-11-20 15:00 Shanghai"),
    ],
)
def test_a_day_is_the_exchanges_own_whatever_zone_the_answer_names(symbol: str, day: str, close: str) -> None:
    """The vendor writes US/Eastern on every daily answer; the close is that of the symbol's exchange."""
    payload = answer("TIME_SERIES_DAILY", {day: plain(2.0)}, symbol=symbol)
    found = bars_in(payload, Interval.DAILY, at("2026-12-30 20:00 UTC"), symbol=symbol)
    assert {day: 2.0} == closes(found)
    assert at(close) == calendar_of(symbol).period(day).closes_at
