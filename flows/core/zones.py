"""The time-zone data in use, compared with changes that it must know: with older data a schedule fires an hour off."""

import zoneinfo
from datetime import UTC, datetime
from typing import NamedTuple

from flows.core.errors import FixConfiguration

MEND = (
    "Update the system's time-zone data (Debian, Ubuntu: apt-get install --only-upgrade tzdata), or set PYTHONTZPATH to "
    "nothing for Prefect's server and worker, as `make up` does, and have a new tzdata package: pip install --upgrade tzdata"
)


class KnownOffset(NamedTuple):
    """What a zone's clocks show at an instant, in hours ahead of UTC."""

    zone: str
    instant: datetime
    hours: float


def _known(zone: str, instant: str, hours: float) -> KnownOffset:
    return KnownOffset(zone, datetime.fromisoformat(instant).replace(tzinfo=UTC), hours)


KNOWN = (
    _known("Africa/Casablanca", "2026-03-01T12:00", 0),
    _known("Africa/Casablanca", "2026-09-19T12:00", 1),
    _known("Africa/Casablanca", "2026-09-20T12:00", 0),
    _known("Africa/Casablanca", "2027-06-01T12:00", 0),
    _known("America/New_York", "2026-11-01T05:59", -4),
    _known("America/New_York", "2026-11-01T06:00", -5),
    _known("Europe/London", "2026-10-25T00:59", 1),
    _known("Europe/London", "2026-10-25T01:00", 0),
)
"""Source: the tz database, 2026c and later. Morocco keeps UTC all year since 2026-09-20."""


def fault_in_zones() -> str:
    """Return what the zone data in use gets wrong; nothing where it knows all of `KNOWN`."""
    wrong = next((fault for fault in map(_fault, KNOWN) if fault), "")
    return f"the time-zone data in use is old: {wrong}. It is read from {_place()}" if wrong else ""


def require_zones(step: str) -> None:
    """Raise FixConfiguration if the zone data in use is old."""
    fault = fault_in_zones()
    if fault:
        raise FixConfiguration(f"{step}: {fault}. {MEND}")


def _fault(known: KnownOffset) -> str:
    try:
        offset = known.instant.astimezone(zoneinfo.ZoneInfo(known.zone)).utcoffset()
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):
        return f"it has no {known.zone}"
    hours = offset.total_seconds() / 3600 if offset is not None else float("nan")
    at = f"{known.zone} at {known.instant:%Y-%m-%d %H:%M} UTC"
    return "" if hours == known.hours else f"{at} is UTC{hours:+g}, and should be UTC{known.hours:+g}"


def _place() -> str:
    return ", ".join(zoneinfo.TZPATH) or "the tzdata package"
