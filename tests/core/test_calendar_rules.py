"""Tests of what holds for the bars of every length on every exchange, at any instant."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.core.bars import Interval
from flows.core.calendars import BarCalendar, calendar_of
from flows.core.periods import grace

SYMBOLS = ("IBM", "TSCO.LON", "SHOP.TRT", "MBG.DEX", "RELIANCE.BSE", "600104.SHH")
CALENDARS = [calendar_of(symbol, interval) for symbol in SYMBOLS for interval in Interval]
NAMES = [f"{symbol} {interval}" for symbol in SYMBOLS for interval in Interval]
EXAMPLES = settings.get_profile(settings.get_current_profile_name()).max_examples // 15

any_time = st.datetimes(datetime(1998, 2, 1), datetime(2026, 11, 29), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
edges = st.integers(-2, 2).map(lambda seconds: timedelta(seconds=seconds))


def on_every_calendar(test: Callable[..., None]) -> Callable[..., Any]:
    """Try a rule on each calendar at some instants; `--hypothesis-profile=torture` takes more of them."""
    marked: Callable[..., Any] = pytest.mark.parametrize("calendar", CALENDARS, ids=NAMES)(test)
    return settings(max_examples=EXAMPLES)(marked)


def near(calendar: BarCalendar, now: datetime, shift: timedelta) -> datetime:
    """Return an instant within two seconds of the one at which a bar becomes known."""
    return calendar.slot(now).target.known_at + shift


@on_every_calendar
@given(now=any_time, shift=edges)
def test_now_lies_between_the_as_of_and_its_target(calendar: BarCalendar, now: datetime, shift: timedelta) -> None:
    """The as-of bar is known and its target is not, also a second before and after a bar becomes known."""
    for moment in (now, near(calendar, now, shift)):
        slot = calendar.slot(moment)
        assert slot.as_of.known_at <= moment < slot.target.known_at


@on_every_calendar
@given(now=any_time)
def test_the_target_is_the_bar_after_the_as_of(calendar: BarCalendar, now: datetime) -> None:
    """No bar lies between the two, and the target begins when the as-of has closed."""
    slot = calendar.slot(now)
    assert (slot.as_of.label, slot.target.label) == calendar.labels_between(slot.as_of.label, slot.target.label)
    assert slot.as_of.closes_at < slot.target.closes_at
    assert slot == calendar.slot(slot.as_of.known_at)
    assert calendar.slot(slot.target.known_at).as_of == slot.target


@on_every_calendar
@given(now=any_time)
def test_a_label_names_its_period_and_nothing_else(calendar: BarCalendar, now: datetime) -> None:
    """A bar's label leads back to the bar, by name and as a row's time."""
    for period in (calendar.slot(now).as_of, calendar.slot(now).target):
        assert period == calendar.period(period.label)
        assert (period.label, None, None) == calendar.find(period.label)[1:]
        assert period.known_at == period.closes_at + grace(calendar.interval)


@on_every_calendar
@given(now=any_time, days=st.integers(0, 12))
def test_the_labels_of_a_span_are_its_bars_in_order(calendar: BarCalendar, now: datetime, days: int) -> None:
    """They are sorted and unique, and each is the target of the one before."""
    first = calendar.slot(now).as_of.label
    last = calendar.slot(now + timedelta(days=days)).as_of.label
    labels = calendar.labels_between(first, last)
    assert (first, last) == (labels[0], labels[-1])
    assert calendar.labels_between(calendar.slot(now).target.label, first) == ()
    assert list(labels) == sorted(set(labels))
    for before, after in list(pairwise(labels))[-80::20]:
        slot = calendar.slot(calendar.period(before).known_at)
        assert (before, after) == (slot.as_of.label, slot.target.label)


@on_every_calendar
@given(now=any_time, zone=st.timezones())
def test_the_clock_that_an_instant_is_read_from_does_not_matter(
    calendar: BarCalendar, now: datetime, zone: ZoneInfo
) -> None:
    """The same instant gives the same slot in every zone."""
    assert calendar.slot(now) == calendar.slot(now.astimezone(zone))


@on_every_calendar
@given(now=any_time)
def test_a_day_stands_for_its_last_bar(calendar: BarCalendar, now: datetime) -> None:
    """The slot after a day is the slot at the instant when the last bar up to that day is known."""
    slot = calendar.slot_after(now.date())
    assert slot == calendar.slot(slot.as_of.known_at)
    assert slot.as_of.local_close.date() <= now.date() < slot.target.local_close.date()


@on_every_calendar
@given(first=any_time, wait=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_time_only_goes_forward(calendar: BarCalendar, first: datetime, wait: timedelta) -> None:
    """A later instant never has an earlier as-of."""
    later = min(first + wait, datetime(2026, 12, 1, tzinfo=UTC))
    assert calendar.slot(first).as_of.label <= calendar.slot(max(first, later)).as_of.label
