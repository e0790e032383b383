"""The calendar of a symbol's bars: which one is complete, which one comes next, which times exist."""

from datetime import date, datetime
from typing import Protocol

from flows.core.bars import Interval
from flows.core.day_bars import DayBars
from flows.core.minute_bars import MinuteBars
from flows.core.periods import Found, Period, Slot
from flows.core.sessions import Exchange, exchange_of


class BarCalendar(Protocol):
    """All bars of one interval that an exchange's sessions make."""

    @property
    def exchange(self) -> Exchange:
        """Whose sessions they are."""
        ...

    @property
    def interval(self) -> Interval:
        """How much time each bar spans."""
        ...

    def slot(self, now: datetime) -> Slot:
        """Return the last bar that is known at `now`, and the bar after it."""
        ...

    def slot_after(self, day: date) -> Slot:
        """Return the slot whose as-of is the last bar that ends on or before `day`."""
        ...

    def period(self, label: str) -> Period:
        """Return the period that `label` names."""
        ...

    def labels_between(self, first: str, last: str) -> tuple[str, ...]:
        """Return the labels of all bars from `first` to `last`, both included."""
        ...

    def find(self, value: object, zone: str = "") -> Found:
        """Return the bar that a row with this time is for."""
        ...


def calendar_of(symbol: str, interval: Interval = Interval.DAILY) -> BarCalendar:
    """Return the calendar of a symbol's bars; raise RejectSymbol for a suffix that names no exchange."""
    exchange = exchange_of(symbol)
    return DayBars(exchange, interval) if interval.minutes is None else MinuteBars(exchange, interval)
