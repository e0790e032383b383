"""Price bars: what one is, and a series of them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Interval(StrEnum):
    """How much time one bar spans."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    MIN_1 = "1min"
    MIN_5 = "5min"
    MIN_15 = "15min"
    MIN_30 = "30min"
    MIN_60 = "60min"

    @property
    def minutes(self) -> int | None:
        """How long a bar within a session lasts; None for bars of one session or more."""
        number = self.value.removesuffix("min")
        return int(number) if number.isdigit() else None

    @property
    def span(self) -> str:
        """What one bar covers, in a word."""
        return {"daily": "session", "weekly": "week", "monthly": "month"}.get(self.value, "bar")


class Origin(StrEnum):
    """Where bars came from; written on every record so that sample data is never mistaken for live data."""

    LIVE = "live"
    SAMPLE = "sample"
    CUSTOM = "custom"


class SeriesId(NamedTuple):
    """What tells one series of bars from another."""

    origin: Origin
    symbol: str
    interval: Interval


class Bar(NamedTuple):
    """Open, high, low, close (in the quote's currency) and volume (in shares) of one span of time.

    `time` is the ISO date of the bar's session for daily bars, of its last session for weekly and monthly ones, and for
    shorter ones the instant at which the bar begins, such as 2026-11-20T20:55:00Z. Text of these forms sorts in the
    order of time.
    """

    time: str
    open: float
    high: float
    low: float
    close: float
    volume: float


_CLOSE = itemgetter(Bar._fields.index("close"))


class BarRevision(NamedTuple):
    """One version of one bar: the unit that is produced, consumed and kept.

    `revision` is 0 for the first version received and grows by one with each correction by the vendor.
    """

    origin: Origin
    symbol: str
    interval: Interval
    revision: int
    received_at: datetime
    bar: Bar


class Change(NamedTuple):
    """A bar that was given anew with other values, by its close before and after."""

    received_at: datetime
    time: str
    before: float
    after: float


@dataclass(frozen=True)
class BarSeries:
    """Bars of one symbol in the order of time, without duplicates."""

    symbol: str
    interval: Interval
    origin: Origin
    bars: tuple[Bar, ...] = ()

    @property
    def id(self) -> SeriesId:
        """What tells this series from another."""
        return SeriesId(self.origin, self.symbol, self.interval)

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.bars)

    @cached_property
    def closes(self) -> Floats:
        """The closing prices, shape (n,), oldest first, not to be written to."""
        closes = np.fromiter(map(_CLOSE, self.bars), np.float64, len(self.bars))
        closes.setflags(write=False)
        return closes

    @property
    def last_time(self) -> str | None:
        """The time of the newest bar, or None."""
        return self.bars[-1].time if self.bars else None

    @property
    def digest(self) -> str:
        """SHA-256 over symbol, interval, origin and every number of every bar, in hexadecimal."""
        head = f"{self.symbol}|{self.interval}|{self.origin}"
        lines = (f"{b.time}|{b.open!r}|{b.high!r}|{b.low!r}|{b.close!r}|{b.volume!r}" for b in self.bars)
        return hashlib.sha256("\n".join((head, *lines)).encode()).hexdigest()

    def until(self, time: str) -> "BarSeries":
        """Return the bars up to and including `time`."""
        return replace(self, bars=tuple(bar for bar in self.bars if bar.time <= time))


def revisions_to_send(
    series: BarSeries, known: dict[str, tuple[int, Bar]], received_at: datetime
) -> tuple[BarRevision, ...]:
    """Return the bars that are new, or differ from the newest version known.

    Args:
        series: Bars as the vendor gives them now.
        known: For each bar time the newest revision's number and values.
        received_at: When the vendor gave them.
    """
    return tuple(
        BarRevision(series.origin, series.symbol, series.interval, number, received_at, bar)
        for bar, number in _numbered(series.bars, known)
    )


def _numbered(bars: Iterable[Bar], known: dict[str, tuple[int, Bar]]) -> Iterable[tuple[Bar, int]]:
    for bar in bars:
        if bar.time not in known:
            yield bar, 0
        elif known[bar.time][1] != bar:
            yield bar, known[bar.time][0] + 1
