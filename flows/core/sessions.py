"""Which bar is the last completed one, and which close comes next: only the exchange's own calendar decides."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import exchange_calendars
import pandas as pd

from flows.core.errors import RejectData, RejectSymbol

GRACE = timedelta(minutes=15)
"""How long after its session's close a bar counts as final."""

FIRST_DAY, LAST_DAY = "1990-01-01", "2035-12-31"
"""Given explicitly, because the library's own defaults move with today's date."""

EXCHANGES = {"": "XNYS"}
"""The calendar of each symbol suffix; no suffix means New York."""


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day of one exchange."""

    label: str
    """The ISO date that names the session and its daily bar."""
    closes_at: datetime
    """The scheduled close in UTC, early closes included."""
    zone: str
    """The exchange's time zone."""

    @property
    def known_at(self) -> datetime:
        """The instant from which this session's bar counts as known."""
        return self.closes_at + GRACE

    @property
    def local_close(self) -> datetime:
        """The close on the exchange's own clock."""
        return self.closes_at.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Slot:
    """What a forecast is made after, and what it is for."""

    as_of: Session
    target: Session


@dataclass(frozen=True, slots=True)
class Exchange:
    """The sessions of one exchange, named by its ISO 10383 code such as ``XNYS``."""

    code: str

    @property
    def calendar(self) -> exchange_calendars.ExchangeCalendar:
        """The library's calendar, built once a process."""
        return _calendar(self.code)

    def session(self, label: str) -> Session:
        """Return the session that `label` names; raise RejectData if the exchange was closed that day."""
        if not self.is_session(label):
            raise RejectData(f"{label} is not a session of {self.code}: give a day on which the exchange was open")
        return self._session(pd.Timestamp(label))

    def covers(self, label: str) -> bool:
        """Say whether the calendar knows this ISO date at all."""
        return bool(self.calendar.first_session <= pd.Timestamp(label) <= self.calendar.last_session)

    def is_session(self, label: str) -> bool:
        """Say whether the exchange was open on this ISO date; raise RejectData beyond the calendar's horizon."""
        if not self.covers(label):
            raise RejectData(f"{label} lies outside the calendar of {self.code}, which knows {self.horizon}")
        return bool(self.calendar.is_session(pd.Timestamp(label)))

    @property
    def horizon(self) -> str:
        """The first and last day that the calendar knows, in words."""
        return f"{self.calendar.first_session.date()} to {self.calendar.last_session.date()}"

    def slot(self, now: datetime) -> Slot:
        """Return the last session whose bar is known at `now`, and the session after it.

        Args:
            now: An instant; must carry a time zone.

        Returns:
            The as-of session (its close plus GRACE has passed) and the target session, whose close comes next.
        """
        if now.tzinfo is None:
            raise ValueError(f"now={now} carries no time zone")
        known_before = self._known_before(now)
        closes = self.calendar.closes
        if not closes.iloc[0] <= known_before < closes.iloc[-1]:
            raise RejectData(f"{now.isoformat()} lies outside the calendar of {self.code}, which knows {self.horizon}")
        return self._slot(closes.index[closes.searchsorted(known_before, side="right") - 1])

    def _known_before(self, now: datetime) -> pd.Timestamp:
        try:
            return pd.Timestamp(now.astimezone(UTC) - GRACE)
        except OverflowError:
            raise RejectData(f"{now} lies outside the calendar of {self.code}, which knows {self.horizon}") from None

    def slot_after(self, as_of: date) -> Slot:
        """Return the slot whose as-of is the last session on or before `as_of`."""
        self.is_session(as_of.isoformat())
        return self._slot(self.calendar.date_to_session(pd.Timestamp(as_of), direction="previous"))

    def sessions_between(self, first: str, last: str) -> tuple[str, ...]:
        """Return the labels of all sessions from `first` to `last`, both included."""
        return tuple(day.date().isoformat() for day in self.calendar.sessions_in_range(first, last))

    def session_after(self, label: str) -> str:
        """Return the label of the session after the one that `label` names."""
        return str(self.calendar.next_session(pd.Timestamp(label)).date())

    def _slot(self, as_of: pd.Timestamp) -> Slot:
        if as_of >= self.calendar.last_session:
            raise RejectData(
                f"{as_of.date()} has no session after it in the calendar of {self.code}, which knows {self.horizon}"
            )
        return Slot(self._session(as_of), self._session(self.calendar.next_session(as_of)))

    def _session(self, day: pd.Timestamp) -> Session:
        closes_at = self.calendar.session_close(day).to_pydatetime().astimezone(UTC)
        return Session(day.date().isoformat(), closes_at, str(self.calendar.tz))


def exchange_of(symbol: str) -> Exchange:
    """Return the exchange that a symbol's suffix names; raise RejectSymbol for a suffix that is not in EXCHANGES."""
    _, dot, suffix = symbol.partition(".")
    if dot + suffix not in EXCHANGES:
        raise RejectSymbol(
            f"{symbol}: the suffix {dot + suffix} names no exchange that nextclose knows; "
            f"it knows New York's symbols, which have none. Check the spelling"
        )
    return Exchange(EXCHANGES[dot + suffix])


@lru_cache
def _calendar(code: str) -> exchange_calendars.ExchangeCalendar:
    return exchange_calendars.get_calendar(code, start=FIRST_DAY, end=LAST_DAY)
