"""Instants in short words: a day, a time, and whose clock it is read from."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flows.core.bars import Interval
from flows.core.calendars import calendar_of

CLOCKS = {
    "New-York": "America/New_York",
    "London": "Europe/London",
    "Toronto": "America/Toronto",
    "Frankfurt": "Europe/Berlin",
    "Mumbai": "Asia/Kolkata",
    "Shanghai": "Asia/Shanghai",
    "Casablanca": "Africa/Casablanca",
    "UTC": "UTC",
}


def at(words: str) -> datetime:
    """Return the instant that words such as ``2026-11-20 16:15 New-York`` name."""
    day, clock, place = words.split()
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(CLOCKS[place]))


def around(symbol: str, interval: Interval, words: str) -> tuple[str, str]:
    """Return the labels of the last bar known at an instant, and of the bar after it."""
    slot = calendar_of(symbol, interval).slot(at(words))
    return slot.as_of.label, slot.target.label
