"""Bars within a session: which of them is complete, and which comes next. Before and after hours do not exist here."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from flows.core.bars import Interval
from flows.core.errors import RejectData
from flows.core.periods import Found, Period, Slot, grace
from flows.core.sessions import Exchange
from flows.core.stamps import instant_in, shown, stamp

Spans = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class MinuteBars:
    """The bars of some minutes of one exchange's regular sessions; each is named by the instant at which it begins."""

    exchange: Exchange
    interval: Interval

    def slot(self, now: datetime) -> Slot:
        """Return the last bar that is known at `now`, and the bar after it, which may be the next session's first.

        Args:
            now: An instant; must carry a time zone.

        Raises:
            BeyondCalendar: The calendar does not reach that far.
        """
        known_before = self.exchange.before(now, grace(self.interval))
        days = self._days_around(date.fromisoformat(self._day_of(known_before)))
        bars = [bar for day in days for bar in self._bars(day)]
        place = bisect_right([end for _, end in bars], known_before) - 1
        if place < 0 or place + 1 >= len(bars):
            raise self.exchange.beyond(f"the {self.interval} bar after {now.isoformat()}")
        return Slot(self._period(*bars[place]), self._period(*bars[place + 1]))

    def slot_after(self, day: date) -> Slot:
        """Return the slot whose as-of is the last bar on or before `day`."""
        if not self.exchange.covers(day.isoformat()):
            raise self.exchange.beyond(day.isoformat())
        sessions = self._days_around(day)
        last, following = next(
            ((a, b) for a, b in reversed(tuple(pairwise(sessions))) if a <= day.isoformat()), (None, None)
        )
        if last is None or following is None:
            raise self.exchange.beyond(f"the {self.interval} bar after {day.isoformat()}")
        return Slot(self._period(*self._bars(last)[-1]), self._period(*self._bars(following)[0]))

    def period(self, label: str) -> Period:
        """Return the period that `label` names; raise RejectData if it names none."""
        found = self.find(label, "UTC")
        if found.label != label:
            why = found.fault or found.aside or "that is no time at which a bar begins"
            raise RejectData(f"{label} is no {self.interval} bar of {self.exchange.code}: {why}")
        begin = datetime.fromisoformat(label)
        return self._period(*next(bar for bar in self._bars(self._day_of(begin)) if bar[0] == begin))

    def labels_between(self, first: str, last: str) -> tuple[str, ...]:
        """Return the labels of all bars from `first` to `last`, both included."""
        days = [self._day_of(datetime.fromisoformat(label)) for label in (first, last)]
        labels = (stamp(begin) for day in self.exchange.sessions_between(*days) for begin, _ in self._bars(day))
        return tuple(label for label in labels if first <= label <= last)

    def find(self, value: object, zone: str = "") -> Found:
        """Return the bar that a row with this time is for; `zone` is that of a time without an offset."""
        begin = instant_in(value, zone or self.exchange.zone)
        if begin is None:
            return Found(None, fault=f"{shown(value)} is not a time")
        place, day = stamp(begin), self._day_of(begin)
        if not self.exchange.covers(day):
            return self.exchange.outside(place)
        if not self.exchange.is_session(day):
            return Found(place, aside=f"{self.exchange.code} was closed")
        return self._find_in_session(begin, place, day)

    def _find_in_session(self, begin: datetime, place: str, day: str) -> Found:
        bars, hours = self._bars(day), self.exchange.hours(day)
        if any(begin == start for start, _ in bars):
            return Found(place, place)
        if begin == hours[0][0]:
            # The first bar of an uneven session may carry the time of the opening instead of its full hour.
            return Found(place, stamp(bars[0][0]))
        if not any(opens <= begin < closes for opens, closes in hours):
            return Found(place, aside="they lie outside the regular session")
        return Found(place, fault=f"no {self.interval} bar begins at this time")

    def _day_of(self, instant: datetime) -> str:
        return instant.astimezone(ZoneInfo(self.exchange.zone)).date().isoformat()

    def _days_around(self, day: date) -> tuple[str, ...]:
        """Return the sessions of some weeks around a day: no exchange is closed for longer."""
        first, last = self.exchange.calendar.first_session.date(), date.fromisoformat(self.exchange.last_day)
        reach = timedelta(days=20)
        if not first <= day <= last:
            raise self.exchange.beyond(day.isoformat())
        begin, end = max(first, day - reach), min(last, day + reach)
        return self.exchange.sessions_between(begin.isoformat(), end.isoformat())

    def _bars(self, day: str) -> Spans:
        return _bars(self.exchange, int(self.interval.minutes or 0), day)

    def _period(self, begin: datetime, end: datetime) -> Period:
        return Period(stamp(begin), end, self.exchange.zone, self.interval)


@lru_cache(maxsize=20_000)
def _bars(exchange: Exchange, minutes: int, day: str) -> Spans:
    """Return begin and end in UTC of a session's bars, on a grid that starts at the exchange's midnight."""
    step = timedelta(minutes=minutes)
    found: dict[datetime, datetime] = {}
    for opens, closes in exchange.hours(day):
        local = opens.astimezone(ZoneInfo(exchange.zone))
        begin = opens - timedelta(minutes=(local.hour * 60 + local.minute) % minutes)
        while begin < closes:
            found[begin.astimezone(UTC)] = min(begin + step, closes)
            begin += step
    return tuple(found.items())
