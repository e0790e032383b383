"""How large a fault is made, and the bars that are sent meanwhile."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from flows.core.bars import Bar, BarSeries, Interval, Origin
from flows.core.cleaning import Cleaned
from tests.bench.made import SYMBOLS, sessions

RECEIVED = datetime(2026, 11, 20, 22, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Size:
    """One form of every fault; seconds where nothing else is said."""

    name: str
    symbols: int
    each: int
    """Bars of each symbol."""
    broker_kills: tuple[int, int]
    """How often the broker is killed while bars are produced, and while they are consumed."""
    outages: tuple[int, int]
    """How often it is away for a longer while, in the same two steps."""
    producer_kills: int
    """How often the producing process is killed."""
    consumer_kills: int
    """How often the consuming process is killed at each point."""
    contact: float
    """How long a cluster may take to answer for the first time."""
    outage: float
    pauses: tuple[int, int]
    """How often it is frozen, in the same two steps."""
    pause: float
    delay: float
    """How long every byte takes longer, in each direction."""
    rate: int
    """Bytes a second that a throttled connection carries in each direction."""
    batch: int
    """Records that are consumed at a time."""

    @property
    def bars(self) -> int:
        """How many bars are sent."""
        return self.symbols * self.each

    def loads(self) -> tuple[Cleaned, ...]:
        """Return what is to be produced, symbol after symbol."""
        history = tuple(Bar(*numbers) for numbers in sessions(self.each))
        return tuple(
            Cleaned(BarSeries(symbol, Interval.DAILY, Origin.CUSTOM, history), RECEIVED)
            for symbol in SYMBOLS[: self.symbols]
        )


SHORT = Size(
    "short",
    2,
    1_000,
    (1, 0),
    (0, 1),
    1,
    1,
    contact=1,
    outage=1,
    pauses=(1, 0),
    pause=3,
    delay=0.1,
    rate=1_000_000,
    batch=200,
)
LONG = Size(
    "long",
    20,
    5_000,
    (6, 4),
    (1, 1),
    20,
    12,
    contact=10,
    outage=60,
    pauses=(1, 1),
    pause=20,
    delay=0.2,
    rate=2_000_000,
    batch=1_000,
)
LONG_MARKS = (pytest.mark.torture, pytest.mark.timeout(600))
SIZES = pytest.mark.parametrize(
    "size",
    [SHORT, pytest.param(LONG, marks=LONG_MARKS)],
    ids=lambda size: str(size.name),
)
