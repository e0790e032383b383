"""Tests of bad rows in a good answer: what becomes of them on the way to bars."""

import json
from collections.abc import Mapping
from datetime import timedelta
from random import Random

import pytest

from flows.core.bars import Interval, Origin
from flows.core.cleaning import Cleaned, clean
from flows.core.errors import RejectData
from flows.core.sessions import exchange_of
from flows.sources import BarRequest
from flows.sources.alpha_vantage import parse
from tests.core.moments import at
from tests.sources.recorded import Cells, adjusted, answer, intraday, plain

SATURDAY = at("2026-11-21 12:00 UTC")
GOOD_DAYS = {"2026-11-20": plain(101.0), "2026-11-18": plain(99.0)}
SESSIONS = exchange_of("IBM").sessions_between("2005-01-03", "2026-11-20")
FIELDS = ("1. open", "2. high", "3. low", "4. close", "5. volume")


def cleaned(payload: object, interval: Interval = Interval.DAILY, *, is_adjusted: bool = False) -> Cleaned:
    """Return what an answer comes to on the Saturday after."""
    request = BarRequest("IBM", interval, SATURDAY)
    return clean(parse(json.dumps(payload).encode(), request, Origin.LIVE, adjusted=is_adjusted), SATURDAY)


def with_row(time: str, cells: Mapping[str, object]) -> Cleaned:
    """Return what becomes of a daily answer in which one row is this one."""
    payload = answer("TIME_SERIES_DAILY", GOOD_DAYS)
    payload["Time Series (Daily)"][time] = cells
    return cleaned(payload)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", ["None", "nan", "NaN", "inf", "1e400", "-1", "", " ", "1,5", "null", None, [], True])
def test_a_value_that_is_no_number_puts_its_row_into_quarantine(field: str, value: object) -> None:
    """The row is kept as it came under its day with a reason, and the other rows are used."""
    found = with_row("2026-11-19", {**plain(100.0), field: value})
    assert [bar.time for bar in found.series.bars] == ["2026-11-18", "2026-11-20"]
    ((time, reason, row),) = found.rejected
    name = field.partition(" ")[2]
    assert ("2026-11-19", value) == (time, getattr(row, name))
    assert reason.startswith(f"{name} {value!r} is not ")


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_is_missing_puts_its_row_into_quarantine(field: str) -> None:
    """Nothing stands in for it, and least of all a field of another name."""
    cells = {name: value for name, value in plain(100.0).items() if name != field}
    found = with_row("2026-11-19", cells)
    assert [f"{field.partition(' ')[2]} None is not a finite number"] == [bad.reason for bad in found.rejected]


@pytest.mark.parametrize(
    "day", ["2026-02-30", "2026-13-01", "2025-02-29", "2026-11-19 ", "19.11.2026", "", "0000-00-00"]
)
def test_a_date_that_does_not_exist_is_in_quarantine_without_a_date(day: str) -> None:
    """Nobody can say where in time such a row belongs."""
    found = with_row(day, plain(100.0))
    assert (len(found.series), len(found.rejected)) == (2, 1)
    assert found.rejected[0].reason == f"{day!r} is not a date"


@pytest.mark.parametrize("day", ["2026-11-15", "2026-07-03", "2025-12-25", "1700-01-03", "2090-01-03"])
def test_a_day_without_a_session_is_in_quarantine(day: str) -> None:
    """A Sunday, holidays, and days outside the calendar are told with the exchange."""
    found = with_row(day, plain(100.0))
    assert [(day, True)] == [(bad.time, "XNYS" in bad.reason) for bad in found.rejected]


def test_a_day_before_the_calendar_is_set_aside() -> None:
    """A whole history may reach back further than the calendar: that is no fault of the data."""
    found = with_row("1970-01-02", plain(100.0))
    assert (found.rejected, any("the calendar of XNYS begins in 1990" in note for note in found.notes)) == ((), True)


@pytest.mark.parametrize("time", ["2026-03-08 02:30:00", "2026-11-20 15:61:00", "2026-11-20 24:00:00", "2026-11-20"])
def test_a_time_that_no_clock_showed_is_in_quarantine(time: str) -> None:
    """The hour that New York's clocks skipped is none, and a bar within a session needs a time."""
    found = cleaned(intraday("5min", {"2026-11-20 15:55:00": plain(2.0), time: plain(2.0)}), Interval.MIN_5)
    assert (["2026-11-20T20:55:00Z"], [f"{time!r} is not a time"]) == (
        [bar.time for bar in found.series.bars],
        [bad.reason for bad in found.rejected],
    )


def test_thousands_of_bars_out_of_order_are_sorted() -> None:
    """Twenty years in any order give the series that they give in order, with one note."""
    rows = {day: plain(100.0 + place / 100) for place, day in enumerate(SESSIONS)}
    shuffled: dict[str, Cells] = dict(Random(1).sample(list(rows.items()), len(rows)))  # noqa: S311 - an order, no secret
    ordered, mixed = (cleaned(answer("TIME_SERIES_DAILY", given)) for given in (rows, shuffled))
    assert ordered.series == mixed.series
    assert (list(SESSIONS), ()) == ([bar.time for bar in mixed.series.bars], mixed.rejected)
    assert (ordered.notes, mixed.notes) == ((), ("the bars arrived out of order and were sorted",))


@pytest.mark.parametrize("text", ["1_01", "\u0661\u0660\u0661"])
@pytest.mark.parametrize("field", ["1. open", "2. high", "3. low", "4. close", "5. adjusted close"])
def test_adjustment_makes_no_number_of_what_is_none(field: str, text: str) -> None:
    """A text that is refused in plain prices is refused in adjusted ones."""
    rows = {"2026-11-20": {**adjusted(101.0, 101.0), field: text}}
    found = cleaned(answer("TIME_SERIES_DAILY_ADJUSTED", rows), is_adjusted=True)
    assert (len(found.series), len(found.rejected)) == (0, 1)


@pytest.mark.parametrize("value", ["0", "-101", "nan", "None", "", "1e400"])
def test_the_fault_of_an_adjusted_close_is_told_as_it_came(value: str) -> None:
    """Quarantine shows what the vendor gave, so that somebody can look it up."""
    rows = {"2026-11-20": {**adjusted(101.0, 101.0), "5. adjusted close": value}}
    found = cleaned(answer("TIME_SERIES_DAILY_ADJUSTED", rows), is_adjusted=True)
    ((_, reason, _),) = found.rejected
    assert repr(value) in reason


@pytest.mark.parametrize(
    ("interval", "payload", "as_of"),
    [
        (
            Interval.WEEKLY,
            answer("TIME_SERIES_WEEKLY", {"2026-04-03": {**plain(2.0), "4. close": "nan"}, "2026-03-27": plain(1.5)}),
            "2026-04-02",
        ),
        (
            Interval.MIN_60,
            intraday("60min", {"2026-11-20 09:30:00": {**plain(2.0), "4. close": "nan"}}),
            "2026-11-20T14:00:00Z",
        ),
    ],
)
def test_a_bad_row_counts_against_the_bar_that_it_is_for(interval: Interval, payload: object, as_of: str) -> None:
    """Also where the vendor writes the Friday of a short week, or the opening for the first hour."""
    found = cleaned(payload, interval)
    with pytest.raises(RejectData, match="the last completed one, is unusable"):
        found.require_sound(as_of)
    with pytest.raises(RejectData, match=r"1 of \d bars up to"):
        found.require_trust(as_of)


def test_a_bar_from_tomorrow_is_left_out() -> None:
    """A date ahead of the clock is no bar yet, however good its numbers are."""
    tomorrow = (SATURDAY + timedelta(days=2)).date().isoformat()
    found = with_row(tomorrow, plain(100.0))
    assert (f"1 bar left out because the session was not complete: {tomorrow}", ()) == (found.notes[0], found.rejected)
