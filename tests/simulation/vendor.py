"""A vendor of five symbols' prices that answers as Alpha Vantage does, and fails now and then."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import exchange_calendars

from tests.answers import THROTTLED, UNKNOWN, quota, row, splits

SYMBOLS = ("AAA", "BBB", "CCC", "DDD", "EEE")
BURST = {"Information": "Burst pattern detected. Please consider spreading out your API requests more evenly"}
FAILING = 0.10
"""The share of answers that fail."""
CORRECTED = 0.03
"""The share of days on which a close of last week is given otherwise from then on."""
SHOWN = 100


@dataclass
class Vendor:
    """What it knows by now, and what it has answered."""

    first: date
    last: date
    splits: Mapping[str, tuple[date, float]]
    """By symbol: when so many shares became of one."""
    delisted: tuple[str, date] | None = None
    """Whose bars end on which day; a month later nobody knows the symbol any more."""
    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    asked: int = 0
    failed: int = 0
    prices: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """By symbol and day: open, high, low, close, as traded."""

    def __post_init__(self) -> None:
        """Draw all prices, the same every time."""
        calendar = exchange_calendars.get_calendar("XNYS", start="2020-01-01", end="2027-12-31")
        begin = self.first - timedelta(days=220)
        self.days = [str(day.date()) for day in calendar.sessions_in_range(str(begin), str(self.last))]
        self.all_days = [str(day.date()) for day in calendar.sessions_in_range(str(begin), "2027-06-30")]
        self.closes = {str(day.date()): calendar.session_close(day).to_pydatetime() for day in map(_stamp, self.days)}
        for symbol in SYMBOLS:
            self.prices[symbol] = dict(zip(self.days, self._walk(symbol), strict=True))

    def _walk(self, symbol: str) -> list[list[float]]:
        moves, close, rows = random.Random(symbol), 100.0, []  # noqa: S311 - prices, not secrets
        split_day, factor = self.splits.get(symbol, (date.max, 1.0))
        for day in self.days:
            unit = factor if day >= str(split_day) else 1.0
            opened = close * (1 + moves.gauss(0, 0.003))
            close = opened * (1 + moves.gauss(0, 0.009))
            high, low = max(opened, close) * 1.003, min(opened, close) * 0.997
            rows.append([round(price / unit, 4) for price in (opened, high, low, close)])
        return rows

    def begin_day(self, now: datetime) -> None:
        """Let time go on; sometimes a close of last week is corrected from now on."""
        self.now = now
        chance = random.Random(f"correction {now}")  # noqa: S311
        if chance.random() < CORRECTED:
            symbol, day = chance.choice(SYMBOLS), chance.choice(self.known(SYMBOLS[0])[-5:])
            opened, high, low, close = self.prices[symbol][day]
            moved = round(close * (1 + chance.uniform(-0.001, 0.001)), 4)
            self.prices[symbol][day] = [opened, max(high, moved), min(low, moved), moved]

    def known(self, symbol: str) -> list[str]:
        """Return the days whose bars are out by now."""
        end = self.delisted[1] if self.delisted and self.delisted[0] == symbol else date.max
        return [day for day in self.days if self.closes[day] <= self.now and day <= str(end)]

    def as_of(self) -> str:
        """Return the last session that is over, and whose bar has had its quarter of an hour."""
        return max(day for day in self.days if self.closes[day] + timedelta(minutes=15) <= self.now)

    def answer(self, query: dict[str, str]) -> object:
        """Answer a query; one in ten fails, each in its own way."""
        self.asked += 1
        symbol = query["symbol"]
        if query["function"] == "SPLITS":
            day, factor = self.splits.get(symbol, (date.max, 1.0))
            return splits(symbol, *([(str(day), f"{factor:.4f}")] if day <= self.now.date() else []))
        chance = random.Random(f"{self.now} {symbol} {self.asked}")  # noqa: S311
        if chance.random() < FAILING:
            self.failed += 1
            return chance.choices((THROTTLED, BURST, {}, quota(query["apikey"])), (6, 2, 1, 1))[0]
        if self.delisted and symbol == self.delisted[0] and self.now.date() > self.delisted[1] + timedelta(days=30):
            return UNKNOWN
        return self._daily(symbol)

    def _daily(self, symbol: str) -> dict[str, Any]:
        shown = self.known(symbol)[-SHOWN:]
        meta = {
            "1. Information": "Daily Prices",
            "2. Symbol": symbol,
            "3. Last Refreshed": shown[-1],
            "5. Time Zone": "US/Eastern",
        }
        rows = {day: _row(self.prices[symbol][day]) for day in reversed(shown)}
        return {"Meta Data": meta, "Time Series (Daily)": rows}


def _row(prices: Sequence[float]) -> dict[str, str]:
    opened, high, low, close = prices
    return row(opened, high, low, close)


def _stamp(day: str) -> Any:
    import pandas as pd

    return pd.Timestamp(day)
