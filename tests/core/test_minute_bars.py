"""Tests of which bar within a session is complete, against times worked out by hand; bars are named in UTC."""

import pytest

from flows.core.bars import Interval
from flows.core.calendars import calendar_of
from flows.core.errors import RejectData
from tests.core.moments import around, at

FIRST_5, LAST_5 = "2026-11-20T14:30:00Z", "2026-11-20T20:55:00Z"
WITHIN = [
    # Each length on Friday 20 November 2026, when New York trades from 14:30 to 21:00 UTC.
    ("IBM", "1min", "2026-11-20 10:00:14 New-York", "2026-11-20T14:58:00Z", "2026-11-20T14:59:00Z"),
    ("IBM", "1min", "2026-11-20 10:00:15 New-York", "2026-11-20T14:59:00Z", "2026-11-20T15:00:00Z"),
    ("IBM", "5min", "2026-11-20 10:00:14 New-York", "2026-11-20T14:50:00Z", "2026-11-20T14:55:00Z"),
    ("IBM", "5min", "2026-11-20 10:00:15 New-York", "2026-11-20T14:55:00Z", "2026-11-20T15:00:00Z"),
    ("IBM", "15min", "2026-11-20 10:00:15 New-York", "2026-11-20T14:45:00Z", "2026-11-20T15:00:00Z"),
    ("IBM", "30min", "2026-11-20 10:00:15 New-York", "2026-11-20T14:30:00Z", "2026-11-20T15:00:00Z"),
    # Hours are full hours of New York's clock: the first one, named 9:00, holds the trades from 9:30.
    ("IBM", "60min", "2026-11-20 10:00:14 New-York", "2026-11-19T20:00:00Z", "2026-11-20T14:00:00Z"),
    ("IBM", "60min", "2026-11-20 10:00:15 New-York", "2026-11-20T14:00:00Z", "2026-11-20T15:00:00Z"),
    ("IBM", "60min", "2026-11-20 11:30:00 New-York", "2026-11-20T15:00:00Z", "2026-11-20T16:00:00Z"),
    # London's last hour has thirty minutes, and so has Frankfurt's.
    ("TSCO.LON", "60min", "2026-11-20 16:30:14 London", "2026-11-20T15:00:00Z", "2026-11-20T16:00:00Z"),
    ("TSCO.LON", "60min", "2026-11-20 16:30:15 London", "2026-11-20T16:00:00Z", "2026-11-23T08:00:00Z"),
    ("MBG.DEX", "60min", "2026-11-20 17:30:15 Frankfurt", "2026-11-20T16:00:00Z", "2026-11-23T08:00:00Z"),
    # Mumbai opens at 9:15, which is 3:45 UTC, and closes at 15:30.
    ("RELIANCE.BSE", "15min", "2026-11-20 09:30:15 Mumbai", "2026-11-20T03:45:00Z", "2026-11-20T04:00:00Z"),
    ("RELIANCE.BSE", "30min", "2026-11-20 09:30:15 Mumbai", "2026-11-20T03:30:00Z", "2026-11-20T04:00:00Z"),
    ("RELIANCE.BSE", "60min", "2026-11-20 10:00:15 Mumbai", "2026-11-20T03:30:00Z", "2026-11-20T04:30:00Z"),
    ("RELIANCE.BSE", "60min", "2026-11-20 15:30:15 Mumbai", "2026-11-20T09:30:00Z", "2026-11-23T03:30:00Z"),
    # Shanghai rests from 11:30 to 13:00, 3:30 to 5:00 UTC.
    ("600104.SHH", "5min", "2026-11-20 11:30:14 Shanghai", "2026-11-20T03:20:00Z", "2026-11-20T03:25:00Z"),
    ("600104.SHH", "5min", "2026-11-20 11:30:15 Shanghai", "2026-11-20T03:25:00Z", "2026-11-20T05:00:00Z"),
    ("600104.SHH", "30min", "2026-11-20 12:15:00 Shanghai", "2026-11-20T03:00:00Z", "2026-11-20T05:00:00Z"),
    ("600104.SHH", "60min", "2026-11-20 11:30:14 Shanghai", "2026-11-20T02:00:00Z", "2026-11-20T03:00:00Z"),
    ("600104.SHH", "60min", "2026-11-20 11:30:15 Shanghai", "2026-11-20T03:00:00Z", "2026-11-20T05:00:00Z"),
    ("000002.SHZ", "1min", "2026-11-20 13:01:15 Shanghai", "2026-11-20T05:00:00Z", "2026-11-20T05:01:00Z"),
]
BETWEEN = [
    # From a session's last bar to the next one's first, over night and over a weekend.
    ("IBM", "5min", "2026-11-20 09:35:14 New-York", "2026-11-19T20:55:00Z", FIRST_5),
    ("IBM", "5min", "2026-11-20 09:35:15 New-York", FIRST_5, "2026-11-20T14:35:00Z"),
    ("IBM", "5min", "2026-11-20 16:00:14 New-York", "2026-11-20T20:50:00Z", LAST_5),
    ("IBM", "5min", "2026-11-20 16:00:15 New-York", LAST_5, "2026-11-23T14:30:00Z"),
    ("IBM", "5min", "2026-11-20 19:55:00 New-York", LAST_5, "2026-11-23T14:30:00Z"),
    ("IBM", "5min", "2026-11-22 12:00:00 New-York", LAST_5, "2026-11-23T14:30:00Z"),
    ("IBM", "60min", "2026-11-21 12:00:00 Casablanca", "2026-11-20T20:00:00Z", "2026-11-23T14:00:00Z"),
    # Early closes: 13:00 in New York and Toronto, 12:30 in London, 14:00 in Frankfurt.
    ("IBM", "5min", "2026-11-27 13:00:15 New-York", "2026-11-27T17:55:00Z", "2026-11-30T14:30:00Z"),
    ("IBM", "60min", "2026-11-27 13:00:14 New-York", "2026-11-27T16:00:00Z", "2026-11-27T17:00:00Z"),
    ("IBM", "60min", "2026-11-27 13:00:15 New-York", "2026-11-27T17:00:00Z", "2026-11-30T14:00:00Z"),
    ("SHOP.TRT", "5min", "2026-12-24 13:00:15 Toronto", "2026-12-24T17:55:00Z", "2026-12-29T14:30:00Z"),
    ("TSCO.LON", "60min", "2026-12-24 12:30:15 London", "2026-12-24T12:00:00Z", "2026-12-29T08:00:00Z"),
    ("MBG.DEX", "30min", "2026-12-30 14:00:15 Frankfurt", "2026-12-30T12:30:00Z", "2027-01-04T08:00:00Z"),
    # The clocks change over a weekend, in New York a week or three before London; Casablanca's in September.
    ("IBM", "5min", "2026-03-07 12:00:00 UTC", "2026-03-06T20:55:00Z", "2026-03-09T13:30:00Z"),
    ("IBM", "5min", "2026-11-01 12:00:00 UTC", "2026-10-30T19:55:00Z", "2026-11-02T14:30:00Z"),
    ("TSCO.LON", "5min", "2026-03-28 12:00:00 UTC", "2026-03-27T16:25:00Z", "2026-03-30T07:00:00Z"),
    ("TSCO.LON", "5min", "2026-10-24 12:00:00 UTC", "2026-10-23T15:25:00Z", "2026-10-26T08:00:00Z"),
    ("IBM", "5min", "2026-09-18 15:30:00 Casablanca", "2026-09-18T14:20:00Z", "2026-09-18T14:25:00Z"),
    ("IBM", "5min", "2026-09-21 15:30:00 Casablanca", "2026-09-21T15:20:00Z", "2026-09-21T15:25:00Z"),
    # Holidays: Chinese New Year, Golden Week, Good Friday and Easter Monday, Diwali, the leap day.
    ("600104.SHH", "30min", "2026-02-18 12:00:00 UTC", "2026-02-13T06:30:00Z", "2026-02-24T01:30:00Z"),
    ("600104.SHH", "60min", "2026-10-04 12:00:00 UTC", "2026-09-30T06:00:00Z", "2026-10-08T01:00:00Z"),
    ("TSCO.LON", "1min", "2026-04-05 12:00:00 UTC", "2026-04-02T15:29:00Z", "2026-04-07T07:00:00Z"),
    ("RELIANCE.BSE", "5min", "2024-11-01 19:00 Mumbai", "2024-10-31T09:55:00Z", "2024-11-04T03:45:00Z"),
    ("IBM", "15min", "2028-02-29 16:00:15 New-York", "2028-02-29T20:45:00Z", "2028-03-01T14:30:00Z"),
]


@pytest.mark.parametrize(("symbol", "interval", "now", "as_of", "target"), WITHIN)
def test_a_bar_within_the_session_follows_the_one_before(
    symbol: str, interval: str, now: str, as_of: str, target: str
) -> None:
    """A bar is known fifteen seconds after its close, and the session's breaks have no bars."""
    assert (as_of, target) == around(symbol, Interval(interval), now)


@pytest.mark.parametrize(("symbol", "interval", "now", "as_of", "target"), BETWEEN)
def test_after_the_last_bar_comes_the_next_sessions_first(
    symbol: str, interval: str, now: str, as_of: str, target: str
) -> None:
    """Nights, weekends, holidays and changes of clocks lie between two bars."""
    assert (as_of, target) == around(symbol, Interval(interval), now)


@pytest.mark.parametrize(
    ("symbol", "interval", "label", "close"),
    [
        ("IBM", "60min", "2026-11-20T14:00:00Z", "2026-11-20 10:00 New-York"),
        ("IBM", "60min", "2026-11-20T20:00:00Z", "2026-11-20 16:00 New-York"),
        ("TSCO.LON", "60min", "2026-11-20T16:00:00Z", "2026-11-20 16:30 London"),
        ("600104.SHH", "60min", "2026-11-20T03:00:00Z", "2026-11-20 11:30 Shanghai"),
        ("TSCO.LON", "60min", "2026-12-24T12:00:00Z", "2026-12-24 12:30 London"),
        ("IBM", "1min", "2026-11-27T17:59:00Z", "2026-11-27 13:00 New-York"),
    ],
)
def test_a_bar_closes_with_its_session_at_the_latest(symbol: str, interval: str, label: str, close: str) -> None:
    """A bar that the session's end cuts short has the session's close."""
    assert at(close) == calendar_of(symbol, Interval(interval)).period(label).closes_at


@pytest.mark.parametrize(
    ("symbol", "interval", "day", "count"),
    [
        ("IBM", "1min", "2026-11-20", 390),
        ("IBM", "5min", "2026-11-20", 78),
        ("IBM", "15min", "2026-11-20", 26),
        ("IBM", "30min", "2026-11-20", 13),
        ("IBM", "60min", "2026-11-20", 7),
        ("IBM", "5min", "2026-11-27", 42),
        ("TSCO.LON", "5min", "2026-11-20", 102),
        ("TSCO.LON", "60min", "2026-11-20", 9),
        ("RELIANCE.BSE", "5min", "2026-11-20", 75),
        ("RELIANCE.BSE", "60min", "2026-11-20", 7),
        ("600104.SHH", "5min", "2026-11-20", 48),
        ("600104.SHH", "60min", "2026-11-20", 5),
        ("600104.SHH", "5min", "2026-10-05", 0),
    ],
)
def test_a_session_has_as_many_bars_as_its_hours_hold(symbol: str, interval: str, day: str, count: int) -> None:
    """Six and a half hours, eight and a half, six and a quarter, or four with a break."""
    labels = calendar_of(symbol, Interval(interval)).labels_between(f"{day}T00:00:00Z", f"{day}T23:59:00Z")
    assert count == len(labels)


@pytest.mark.parametrize(
    "label",
    ["2026-11-20T14:31:00Z", "2026-11-20T21:00:00Z", "2026-11-21T15:00:00Z", "2026-11-20", "2026-11-20 14:30", "", "x"],
)
def test_a_label_that_names_no_bar_is_refused(label: str) -> None:
    """Between two bars, after the close, on a Saturday, or in another form: the error shows what was asked."""
    with pytest.raises(RejectData, match="is no 5min bar of XNYS: "):
        calendar_of("IBM", Interval.MIN_5).period(label)
