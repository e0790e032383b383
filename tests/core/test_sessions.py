"""Tests of which bar is the last completed one, and which close comes next."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.calendars import calendar_of
from flows.core.errors import BeyondCalendar, RejectData, RejectSymbol
from flows.core.periods import GRACE, Period
from flows.core.sessions import exchange_of

NEW_YORK = calendar_of("IBM")
CASABLANCA = ZoneInfo("Africa/Casablanca")
VECTORS = [
    ("2026-11-02", "2026-10-30", "2026-11-02"),
    ("2026-11-21", "2026-11-20", "2026-11-23"),
    ("2026-11-22", "2026-11-20", "2026-11-23"),
    ("2026-11-23", "2026-11-20", "2026-11-23"),
    ("2026-11-26", "2026-11-25", "2026-11-27"),
    ("2026-11-27", "2026-11-25", "2026-11-27"),
    ("2026-12-25", "2026-12-24", "2026-12-28"),
]
CLOSE = datetime(2026, 11, 23, 21, tzinfo=UTC)
instants = st.datetimes(datetime(1990, 1, 3), datetime(2035, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(("run_on", "as_of", "target"), VECTORS)
def test_the_half_past_three_run_knows_its_sessions(run_on: str, as_of: str, target: str) -> None:
    """A run at 15:30 in Casablanca forecasts the close that comes next, from the bar before it."""
    slot = NEW_YORK.slot(datetime.combine(date.fromisoformat(run_on), time(15, 30), CASABLANCA))
    assert (as_of, target) == (slot.as_of.label, slot.target.label)


def test_casablanca_keeps_universal_time_since_september_2026() -> None:
    """The zone data in use know that Morocco left its summer time for good."""
    local = datetime(2026, 11, 23, 15, 30, tzinfo=CASABLANCA)
    assert datetime(2026, 11, 23, 15, 30, tzinfo=UTC) == local.astimezone(UTC)


def test_an_early_close_is_known_from_the_calendar() -> None:
    """The day after Thanksgiving closes at 13:00 in New York."""
    assert time(13) == NEW_YORK.period("2026-11-27").local_close.time()


def test_a_close_moves_with_daylight_saving() -> None:
    """The same closing hour in New York is another instant in summer."""
    summer, winter = NEW_YORK.period("2026-07-01"), NEW_YORK.period("2026-12-01")
    assert (time(20), time(21)) == (summer.closes_at.time(), winter.closes_at.time())


@pytest.mark.parametrize(
    ("seconds", "as_of"), [(-1, "2026-11-20"), (0, "2026-11-23"), (1, "2026-11-23")], ids=["before", "at", "after"]
)
def test_a_bar_counts_as_known_when_the_grace_has_passed(seconds: int, as_of: str) -> None:
    """The as-of bar changes exactly fifteen minutes after the close."""
    now = CLOSE + timedelta(minutes=15, seconds=seconds)
    assert as_of == NEW_YORK.slot(now).as_of.label


def test_a_naive_instant_is_refused() -> None:
    """An instant without a time zone names no instant."""
    with pytest.raises(ValueError, match="carries no time zone"):
        NEW_YORK.slot(datetime(2026, 11, 23, 15, 30))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("year", [1980, 2040])
def test_an_instant_beyond_the_calendar_is_refused(year: int) -> None:
    """Where the calendar ends, an error says what it knows."""
    with pytest.raises(BeyondCalendar, match="which knows 1990-01-02 to 2035-12-31"):
        NEW_YORK.slot(datetime(year, 6, 3, tzinfo=UTC))


def test_the_last_session_of_the_calendar_has_no_next_close() -> None:
    """Once the last session of the calendar is known, there is no target to name."""
    with pytest.raises(BeyondCalendar, match="which knows 1990-01-02 to 2035-12-31"):
        NEW_YORK.slot(datetime(2035, 12, 31, 21, 15, tzinfo=UTC))


@pytest.mark.parametrize("day", ["1990-01-01", "2035-12-31", "2036-01-02"])
def test_a_day_without_a_slot_is_refused(day: str) -> None:
    """A slot needs a session on or before the day, and one after it, in the calendar."""
    with pytest.raises(BeyondCalendar, match="1990-01-02 to 2035-12-31"):
        NEW_YORK.slot_after(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-11-20", "2026-11-21", "2026-11-22"])
def test_a_slot_after_a_weekend_day_is_the_one_after_friday(day: str) -> None:
    """A day without a session stands for the session before it."""
    slot = NEW_YORK.slot_after(date.fromisoformat(day))
    assert (slot.as_of.label, slot.target.label) == ("2026-11-20", "2026-11-23")


@pytest.mark.parametrize("symbol", ["TSCO.LSE", "IBM.", "BRK.B", ".LON"])
def test_an_unknown_suffix_is_refused(symbol: str) -> None:
    """A suffix without an exchange is an error that names the symbol."""
    with pytest.raises(RejectSymbol) as caught:
        exchange_of(symbol)
    assert str(caught.value).startswith(symbol)


def test_a_closed_day_is_no_session() -> None:
    """Asking for the session of a holiday is an error that names the day."""
    with pytest.raises(RejectData, match="2026-11-26 is no daily bar of XNYS: the exchange was closed that day"):
        NEW_YORK.period("2026-11-26")


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-29", "9999-12-31"])
def test_days_outside_the_calendar_are_not_covered(day: str) -> None:
    """Any ISO date can be asked for; the calendar says whether it knows it."""
    assert not NEW_YORK.exchange.covers(day)
    with pytest.raises(BeyondCalendar, match="lies outside the calendar"):
        NEW_YORK.exchange.is_session(day)


def test_sessions_between_two_days_include_both() -> None:
    """Holidays and weekends are left out, the ends are not."""
    expected = ("2026-11-24", "2026-11-25", "2026-11-27", "2026-11-30")
    assert expected == NEW_YORK.exchange.sessions_between("2026-11-24", "2026-11-30")


def test_the_bar_is_known_a_grace_after_the_close() -> None:
    """The instant from which a bar counts is the close plus the grace."""
    assert Period("2026-11-23", CLOSE, "America/New_York").known_at == CLOSE + GRACE


@given(instants)
def test_now_lies_between_the_as_of_bar_and_the_next(now: datetime) -> None:
    """At any instant the as-of bar is known, and the bar of the session after it is not."""
    slot = NEW_YORK.slot(now)
    assert slot.as_of.known_at <= now < slot.target.known_at


@given(instants)
def test_the_target_is_the_session_after_the_as_of(now: datetime) -> None:
    """No session lies between the as-of and its target."""
    slot = NEW_YORK.slot(now)
    assert (slot.as_of.label, slot.target.label) == NEW_YORK.exchange.sessions_between(
        slot.as_of.label, slot.target.label
    )


@given(instants, st.timezones())
def test_the_clock_that_names_an_instant_does_not_matter(now: datetime, zone: ZoneInfo) -> None:
    """The same instant gives the same slot, whatever time zone it is written in."""
    assert NEW_YORK.slot(now) == NEW_YORK.slot(now.astimezone(zone))


@given(instants)
def test_a_day_and_the_evening_of_its_session_give_one_slot(now: datetime) -> None:
    """The slot after a session's day is the slot at the instant when its bar becomes known."""
    slot = NEW_YORK.slot(now)
    assert slot == NEW_YORK.slot_after(date.fromisoformat(slot.as_of.label)) == NEW_YORK.slot(slot.as_of.known_at)
