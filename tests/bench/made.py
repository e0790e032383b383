"""Bars of many symbols, made one by one; nothing of ours is imported, so that the bare loops can use them too."""

import datetime as dt
import random
from collections.abc import Iterator

SYMBOLS = tuple(f"SYM{number:03d}" for number in range(200))
RECEIVED = "2026-11-20T22:00:00+00:00"

Numbers = tuple[str, float, float, float, float, float]
"""Time, open, high, low, close and volume."""


def sessions(count: int) -> list[Numbers]:
    """Return one history of daily bars, oldest first; every symbol has it."""
    chance = random.Random(7)  # noqa: S311 - no secret
    days = (dt.date(2000, 1, 3) + dt.timedelta(days=number) for number in range(2 * count))
    weekdays = [day.isoformat() for day in days if day.weekday() < 5][:count]
    close, found = 100.0, []
    for day in weekdays:
        opened = round(close * chance.uniform(0.99, 1.01), 2)
        close = round(min(max(opened * chance.uniform(0.98, 1.02), 5.0), 900.0), 2)
        high, low = round(max(opened, close) * 1.004, 2), round(min(opened, close) * 0.996, 2)
        found.append((day, opened, high, low, close, float(chance.randrange(10**5, 10**7))))
    return found


def all_bars(count: int) -> Iterator[tuple[str, Numbers]]:
    """Yield every symbol's bars, as a run sends them: symbol after symbol."""
    history = sessions(count)
    for symbol in SYMBOLS:
        for numbers in history:
            yield symbol, numbers
