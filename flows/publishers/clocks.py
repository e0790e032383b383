"""Times as people read them: on the exchange's clock, and on the reader's."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flows.core.bars import Interval
from flows.core.forecast import Prediction
from flows.core.periods import Period, city


def bar_in_words(label: str, p: Prediction) -> str:
    """Return which bar a label names, on the exchange's own clock where it is one within a session."""
    if p.interval.minutes is None:
        day = f"{date.fromisoformat(label):%A} {label}"
        return day if p.interval is Interval.DAILY else f"the {p.interval.span} that ends on {day}"
    begin = _local(label, p)
    return f"the {p.interval} bar of {begin:%H:%M}, {begin:%A} {begin:%Y-%m-%d}"


def time_in_words(label: str, p: Prediction) -> str:
    """Return a bar's time in few words: its date, and its beginning on the exchange's clock."""
    return label if p.interval.minutes is None else f"{_local(label, p):%Y-%m-%d %H:%M}"


def tick(label: str, p: Prediction) -> str:
    """Return a bar's time as a chart has room for it."""
    return label if p.interval.minutes is None else f"{_local(label, p):%m-%d %H:%M}"


def _local(label: str, p: Prediction) -> datetime:
    return datetime.fromisoformat(label).astimezone(ZoneInfo(p.target.zone))


def closing_time(session: Period, zone: str) -> str:
    """Return when a session closes, on the exchange's clock and on the reader's."""
    there, here = session.local_close, session.closes_at.astimezone(ZoneInfo(zone))
    text = f"{there:%H:%M} in {city(session.zone)}"
    if (there.utcoffset(), session.zone) == (here.utcoffset(), zone):
        return text
    return f"{text}, {_other_clock(there, here)} in {city(zone)}"


def _other_clock(there: datetime, here: datetime) -> str:
    return f"{here:%H:%M}" if here.date() == there.date() else f"{here:%H:%M} on {here:%Y-%m-%d}"
