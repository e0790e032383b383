"""The span of time that one bar covers, and the pair of them that a forecast lies between."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flows.core.bars import Interval

GRACE = timedelta(minutes=15)
"""How long after its close a bar of a session or more counts as final."""
SHORT_GRACE = timedelta(seconds=15)
"""The same for a bar within a session."""


def grace(interval: Interval) -> timedelta:
    """Return how long after its close a bar counts as final."""
    return GRACE if interval.minutes is None else SHORT_GRACE


def city(zone: str) -> str:
    """Return the place whose clock a time zone is."""
    return zone.rpartition("/")[2].replace("_", " ")


@dataclass(frozen=True, slots=True)
class Period:
    """The span of time that one bar covers."""

    label: str
    """The time that names the bar."""
    closes_at: datetime
    """The scheduled close in UTC, early closes included."""
    zone: str
    """The exchange's time zone."""
    interval: Interval = Interval.DAILY

    @property
    def known_at(self) -> datetime:
        """The instant from which this period's bar counts as known."""
        return self.closes_at + grace(self.interval)

    @property
    def local_close(self) -> datetime:
        """The close on the exchange's own clock."""
        return self.closes_at.astimezone(ZoneInfo(self.zone))

    @property
    def short(self) -> str:
        """The period in few words: the date, and for bars within a session the time and place of the close."""
        return self.label if self.interval.minutes is None else f"{self.local_close:%Y-%m-%d %H:%M} {city(self.zone)}"


@dataclass(frozen=True, slots=True)
class Slot:
    """What a forecast is made after, and what it is for."""

    as_of: Period
    target: Period


class Found(NamedTuple):
    """What a row's time means on a calendar."""

    place: str | None
    """Where in time the row belongs; None where that cannot be read."""
    label: str | None = None
    """The bar that the row is for; None where it is for none."""
    aside: str | None = None
    """Why the row is left out although nothing is wrong with it."""
    fault: str | None = None
    """What is wrong with the row's time."""
