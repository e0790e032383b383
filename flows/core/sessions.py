"""When an exchange is open: only its own calendar decides."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from flows.core.errors import BeyondCalendar, RejectSymbol
from flows.core.periods import Found
from flows.core.special_days import SHORT_SESSIONS
from flows.core.stamps import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    import exchange_calendars
    import pandas as pd

FIRST_DAY, LAST_DAY = "1990-01-01", "2035-12-31"
"""Given explicitly, because the library's own defaults move with today's date."""

OLDEST_PRICES = "1800"
"""A row that says it is older is at fault."""

EXCHANGES = {
    "": "XNYS",
    ".LON": "XLON",
    ".TRT": "XTSE",
    ".TRV": "XTSE",
    ".DEX": "XETR",
    ".BSE": "XBOM",
    ".SHH": "XSHG",
    ".SHZ": "XSHG",
}
"""The calendar of each symbol suffix. Toronto's Venture exchange keeps Toronto's hours, Shenzhen keeps Shanghai's."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """The sessions of one exchange, named by its ISO 10383 code such as ``XNYS``."""

    code: str

    @property
    def calendar(self) -> "exchange_calendars.ExchangeCalendar":
        """The library's calendar, built once a process."""
        return _calendar(self.code)

    @property
    def zone(self) -> str:
        """The exchange's time zone."""
        return str(self.calendar.tz)

    @property
    def horizon(self) -> str:
        """The first and last day that the calendar knows, in words."""
        first, last = _bounds(self.code)
        return f"{max(first, str(self.calendar.first_session.date()))} to {last}"

    @property
    def last_day(self) -> str:
        """The last day whose holidays are known."""
        return _bounds(self.code)[1]

    def covers(self, day: str) -> bool:
        """Say whether the calendar knows this ISO date at all."""
        return str(self.calendar.first_session.date()) <= day <= self.last_day

    def is_session(self, day: str) -> bool:
        """Say whether the exchange was open on this ISO date; raise BeyondCalendar outside the calendar."""
        if not self.covers(day):
            raise self.beyond(day)
        import pandas as pd

        return bool(self.calendar.is_session(pd.Timestamp(day)))

    def is_special(self, day: str) -> bool:
        """Say whether the exchange was open on this ISO date for an hour only, which makes no session."""
        return self.code == "XBOM" and day in SHORT_SESSIONS

    def sessions_between(self, first: str, last: str) -> tuple[str, ...]:
        """Return the ISO dates of all sessions from `first` to `last`, both included."""
        return tuple(day.date().isoformat() for day in self.calendar.sessions_in_range(first, last))

    def hours(self, day: str) -> tuple[tuple[datetime, datetime], ...]:
        """Return the spans in UTC in which this session trades: one, or two around a break at noon."""
        import pandas as pd

        session = pd.Timestamp(day)
        moments = [self.calendar.session_open(session), self.calendar.session_close(session)]
        if self.calendar.session_has_break(session):
            moments[1:1] = [self.calendar.session_break_start(session), self.calendar.session_break_end(session)]
        opens, closes = moments[::2], moments[1::2]
        return tuple((_utc(begin), _utc(end)) for begin, end in zip(opens, closes, strict=True))

    def before(self, now: datetime, span: timedelta) -> datetime:
        """Return the instant in UTC that lies `span` before `now`, which must carry a time zone."""
        if now.tzinfo is None:
            raise ValueError(f"now={now} carries no time zone")
        if not FIRST_YEAR <= now.year <= LAST_YEAR:
            raise self.beyond(str(now))
        return now.astimezone(UTC) - span

    def outside(self, place: str) -> Found:
        """Return what a row at a time that the calendar does not cover means: long ago is no fault of the row."""
        if OLDEST_PRICES <= place < self.horizon[:10]:
            return Found(place, aside=f"the calendar of {self.code} begins in {self.horizon[:4]}")
        return Found(place, fault=f"lies outside the calendar of {self.code}")

    def beyond(self, what: str) -> BeyondCalendar:
        """Return the error about a day or instant that the calendar does not know."""
        return BeyondCalendar(
            f"{what} lies outside the calendar of {self.code}, which knows {self.horizon}. "
            "Later holidays come with newer releases of the package exchange-calendars"
        )


def exchange_of(symbol: str) -> Exchange:
    """Return the exchange that a symbol's suffix names; raise RejectSymbol for a suffix that is not in EXCHANGES."""
    name, dot, last = symbol.rpartition(".")
    suffix = dot + last if dot else ""
    if suffix not in EXCHANGES or (dot and not name):
        known = ", ".join(f"{known} ({code})" for known, code in EXCHANGES.items() if known)
        raise RejectSymbol(
            f"{symbol}, request: the suffix {suffix} names no exchange that nextclose knows. It knows {known}, and no suffix for "
            "New York (XNYS). Check the spelling; a class of shares is written with a hyphen, such as BRK-B"
        )
    return Exchange(EXCHANGES[suffix])


@lru_cache
def _bounds(code: str) -> tuple[str, str]:
    """Return the first and last ISO date for which the library knows this exchange's holidays."""
    return _within(_calendar(code))


def _within(calendar: "exchange_calendars.ExchangeCalendar") -> tuple[str, str]:
    first, last = calendar.bound_min(), calendar.bound_max()
    earliest = FIRST_DAY if first is None else max(FIRST_DAY, _day(first))
    return earliest, LAST_DAY if last is None else min(LAST_DAY, _day(last))


@lru_cache
def _calendar(code: str) -> "exchange_calendars.ExchangeCalendar":
    try:
        return _made(code, FIRST_DAY, LAST_DAY)
    except ValueError:
        # This exchange's holidays are known for fewer years; the library says for which of a calendar that it has made.
        return _made(code, *_within(_made(code, "2020-01-01", "2020-01-31")))


def _made(code: str, first: str, last: str) -> "exchange_calendars.ExchangeCalendar":
    # With pandas they take half a second, which a worker that only loads a flow need not spend.
    import exchange_calendars

    if code == "XBOM":
        from flows.core.mumbai import Mumbai

        return Mumbai(start=first, end=last)
    return exchange_calendars.get_calendar(code, start=first, end=last)


def _day(moment: "pd.Timestamp") -> str:
    day: date = moment.date()
    return day.isoformat()


def _utc(moment: "pd.Timestamp") -> datetime:
    instant: datetime = moment.to_pydatetime().astimezone(UTC)
    return instant
