"""Answers in Alpha Vantage's words, for tests."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flows.core.bars import Interval
from flows.core.calendars import calendar_of

EASTERN = ZoneInfo("US/Eastern")
MONTHS = timedelta(days=60)

UNKNOWN = {
    "Error Message": "Invalid API call. Please retry or visit the documentation "
    "(https://www.alphavantage.co/documentation/) for TIME_SERIES_DAILY."
}
THROTTLED = {
    "Information": "Thank you for using Alpha Vantage! Please consider spreading out your free API requests more "
    "sparingly (1 request per second). You may subscribe to any of the premium plans to lift the free key rate limit "
    "(25 requests per day), raise the per-second burst limit, and instantly unlock all premium endpoints"
}


def quota(key: str) -> dict[str, object]:
    """Return the answer when the day's requests are used up; it echoes the key."""
    return {
        "Information": f"We have detected your API key as {key} and our standard API rate limit is 25 requests per day. "
        "Please subscribe to any of the premium plans to instantly remove all daily rate limits."
    }


def daily(symbol: str, last: str, count: int = 100) -> dict[str, dict[str, Any]]:
    """Return a daily answer of `count` bars up to the session `last`: a seeded random walk, newest first."""
    meta = {
        "1. Information": "Daily Prices",
        "2. Symbol": symbol,
        "3. Last Refreshed": last,
        "5. Time Zone": "US/Eastern",
    }
    return {"Meta Data": meta, "Time Series (Daily)": walk(symbol, Interval.DAILY, last, count)}


def adjusted(answer: dict[str, dict[str, Any]], factor: float) -> dict[str, dict[str, Any]]:
    """Return a daily answer in the shape of the adjusted function, its adjusted closes scaled by `factor`."""
    rows = {
        day: {
            **{name: cells[name] for name in ("1. open", "2. high", "3. low", "4. close")},
            "5. adjusted close": f"{float(cells['4. close']) * factor:.4f}",
            "6. volume": cells["5. volume"],
        }
        for day, cells in answer["Time Series (Daily)"].items()
    }
    return {**answer, "Time Series (Daily)": rows}


def before_split(answer: dict[str, dict[str, Any]], day: str, factor: float) -> dict[str, dict[str, Any]]:
    """Return an answer whose prices before `day` are in the old units of a split that took effect on it."""
    return _in_units(answer, lambda time: factor if time < day else 1.0)


def after_split(answer: dict[str, dict[str, Any]], day: str, factor: float) -> dict[str, dict[str, Any]]:
    """Return an answer whose prices from `day` on are in the new units of a split that took effect on it."""
    return _in_units(answer, lambda time: 1.0 if time < day else 1 / factor)


def _in_units(answer: dict[str, dict[str, Any]], unit: Callable[[str], float]) -> dict[str, dict[str, Any]]:
    return {
        name: {time: _scaled(cells, unit(time)) for time, cells in rows.items()} if "Time Series" in name else rows
        for name, rows in answer.items()
    }


def _scaled(cells: dict[str, str], factor: float) -> dict[str, str]:
    return {name: value if "volume" in name else f"{float(value) * factor:.4f}" for name, value in cells.items()}


def splits(symbol: str, *listed: tuple[str, str]) -> dict[str, object]:
    """Return the vendor's list of a symbol's splits, each a date and a factor as text."""
    return {"symbol": symbol, "data": [{"effective_date": day, "split_factor": factor} for day, factor in listed]}


def intraday(symbol: str, interval: str, last: str, count: int = 100) -> dict[str, dict[str, Any]]:
    """Return an answer of `count` bars within sessions up to the one that begins at the instant `last`."""
    rows = walk(symbol, Interval(interval), last, count)
    eastern = {
        f"{datetime.fromisoformat(time).astimezone(EASTERN):%Y-%m-%d %H:%M:%S}": row for time, row in rows.items()
    }
    meta = {"2. Symbol": symbol, "4. Interval": interval, "6. Time Zone": "US/Eastern"}
    return {"Meta Data": meta, f"Time Series ({interval})": eastern}


def weekly(symbol: str, last: str, count: int = 200) -> dict[str, dict[str, Any]]:
    """Return a weekly answer of `count` bars up to the week that ends with the session `last`."""
    meta = {"2. Symbol": symbol, "4. Time Zone": "US/Eastern"}
    return {"Meta Data": meta, "Weekly Time Series": walk(symbol, Interval.WEEKLY, last, count)}


def walk(symbol: str, interval: Interval, last: str, count: int) -> dict[str, dict[str, str]]:
    """Return `count` bars of a seeded random walk by their times, newest first."""
    begin = "2000-01-03" if interval.minutes is None else f"{datetime.fromisoformat(last) - MONTHS:%Y-%m-%dT%H:%M:%SZ}"
    times = calendar_of(symbol, interval).labels_between(begin, last)[-count:]
    moves = random.Random(symbol)  # noqa: S311 - prices, not secrets
    close, rows = 100.0, {}
    for time in times:
        opened, close = close, close * (1 + moves.gauss(0, 0.01))
        rows[time] = row(opened, max(opened, close) * 1.002, min(opened, close) * 0.998, close)
    return dict(reversed(rows.items()))


def row(opened: float, high: float, low: float, close: float, volume: int = 1_000_000) -> dict[str, str]:
    """Return one bar in the vendor's form."""
    cells = {"1. open": opened, "2. high": high, "3. low": low, "4. close": close}
    return {**{name: f"{value:.4f}" for name, value in cells.items()}, "5. volume": str(volume)}
