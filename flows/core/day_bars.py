"""Bars of a session, a week or a month: which of them is complete, and which comes next."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np

from flows.core.bars import Interval
from flows.core.errors import RejectData
from flows.core.periods import Found, Period, Slot, grace
from flows.core.sessions import Exchange
from flows.core.stamps import day_at_start, day_in, shown


@dataclass(frozen=True, slots=True)
class DayBars:
    """The daily, weekly or monthly bars of one exchange; each is named by its last session's ISO date."""

    exchange: Exchange
    interval: Interval

    def slot(self, now: datetime) -> Slot:
        """Return the last bar that is known at `now`, and the bar after it.

        Args:
            now: An instant; must carry a time zone.

        Raises:
            BeyondCalendar: The calendar does not reach that far.
        """
        known_before = self.exchange.before(now, grace(self.interval))
        return self._slot(bisect_right(self._table.closes, known_before) - 1, now.isoformat())

    def slot_after(self, day: date) -> Slot:
        """Return the slot whose as-of is the last bar that ends on or before `day`."""
        if not self.exchange.covers(day.isoformat()):
            raise self.exchange.beyond(day.isoformat())
        return self._slot(bisect_right(self._table.labels, day.isoformat()) - 1, day.isoformat())

    def period(self, label: str) -> Period:
        """Return the period that `label` names; raise RejectData if it names none."""
        place = bisect_right(self._table.labels, label) - 1
        if place < 0 or self._table.labels[place] != label:
            raise RejectData(f"{label} is no {self.interval} bar of {self.exchange.code}: {self._why_not(label)}")
        return self._period(place)

    def labels_between(self, first: str, last: str) -> tuple[str, ...]:
        """Return the labels of all bars from `first` to `last`, both included."""
        labels = self._table.labels
        return labels[bisect_right(labels, first) - (first in self._table.members) : bisect_right(labels, last)]

    def find(self, value: object, zone: str = "") -> Found:
        """Return the bar that a row with this date is for."""
        day = day_in(value)
        if day is None:
            return Found(day_at_start(value), fault=f"{shown(value)} is not a date")
        if not self.exchange.covers(day):
            return self.exchange.outside(day)
        if self.interval is not Interval.DAILY:
            return self._find_in_period(day)
        if day in self._table.members:
            return Found(day, day)
        if self.exchange.is_special(day):
            return Found(day, aside=f"{self.exchange.code} held only a short special session that day")
        return Found(day, fault=f"{self.exchange.code} was closed on this day")

    def _find_in_period(self, day: str) -> Found:
        label = self._table.by_key.get(_key(day, self.interval))
        if label is None:
            return Found(day, fault=f"its {self.interval.span} lies outside the calendar of {self.exchange.code}")
        if day < label:
            return Found(day, label, aside=f"it ends before the last session of its {self.interval.span}")
        return Found(day, label)

    def _why_not(self, label: str) -> str:
        if day_in(label) is None:
            return "that is no date"
        if self.interval is Interval.DAILY and self.exchange.covers(label):
            return "the exchange was closed that day"
        return f"the calendar knows {self.exchange.horizon}"

    def _slot(self, place: int, what: str) -> Slot:
        if not 0 <= place < len(self._table.labels) - 1:
            raise self.exchange.beyond(f"the {self.interval} bar after {what}")
        return Slot(self._period(place), self._period(place + 1))

    def _period(self, place: int) -> Period:
        return Period(self._table.labels[place], self._table.closes[place], self.exchange.zone, self.interval)

    @property
    def _table(self) -> "_Table":
        return _table(self.exchange, self.interval)


@dataclass(frozen=True, slots=True)
class _Table:
    labels: tuple[str, ...]
    closes: tuple[datetime, ...]
    members: frozenset[str]
    by_key: Mapping[str, str]


@lru_cache
def _table(exchange: Exchange, interval: Interval) -> _Table:
    closes = exchange.calendar.closes
    days = np.datetime_as_string(closes.index.to_numpy(), unit="D").tolist()
    moments = closes.array.to_pydatetime()
    # Of each period the last session stays, because later ones overwrite earlier ones.
    last = {_key(day, interval): (day, moment) for day, moment in zip(days, moments, strict=True)}
    whole = {key: found for key, found in last.items() if _last_day(found[0], interval) <= exchange.last_day}
    labels = tuple(label for label, _ in whole.values())
    instants = tuple(moment.astimezone(UTC) for _, moment in whole.values())
    return _Table(labels, instants, frozenset(labels), {key: label for key, (label, _) in whole.items()})


def _key(day: str, interval: Interval) -> str:
    if interval is Interval.WEEKLY:
        return "{:04}-W{:02}".format(*date.fromisoformat(day).isocalendar()[:2])
    return day[:7] if interval is Interval.MONTHLY else day


def _last_day(day: str, interval: Interval) -> str:
    """Return the last calendar day of the period that `day` lies in."""
    start = date.fromisoformat(day)
    if interval is Interval.WEEKLY:
        return (start + timedelta(days=7 - start.isoweekday())).isoformat()
    if interval is Interval.MONTHLY:
        return ((start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).isoformat()
    return day
