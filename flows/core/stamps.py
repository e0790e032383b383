"""Reading the dates and instants that sources write."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FIRST_YEAR, LAST_YEAR = 1000, 9000
"""Beyond these, the arithmetic of instants ends."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(:[0-9]{2})?)(Z|[+-][0-9]{2}:?[0-5][0-9])?")


def day_in(value: object) -> str | None:
    """Return the ISO date that a cell holds, or None if it holds none."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def day_at_start(value: object) -> str | None:
    """Return the ISO date that a cell begins with: where in time a row belongs, even if the cell is no date."""
    return day_in(value[:10]) if isinstance(value, str) else None


def instant_in(value: object, zone: str) -> datetime | None:
    """Return the instant in UTC that a cell holds, or None if it holds none.

    Args:
        value: A date and a time; an offset from UTC may follow.
        zone: The zone of a time without an offset. A time that the zone's clocks skip is no instant.
    """
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        read = datetime.fromisoformat(found[0])
        if not FIRST_YEAR <= read.year <= LAST_YEAR:
            return None
        if read.tzinfo is not None:
            return read.astimezone(UTC)
        instant = read.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return instant if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == read else None
    except (ValueError, OverflowError):
        return None


def is_zone(name: str) -> bool:
    """Say whether a time zone of this name is known."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def stamp(instant: datetime) -> str:
    """Return the text that names an instant in a bar's time."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def shown(value: object) -> str:
    """Return a cell as it may stand in a sentence."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
