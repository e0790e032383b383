"""Answers in Alpha Vantage's words, for tests."""

import random
from typing import Any

from flows.core.sessions import exchange_of

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
    days = exchange_of(symbol).sessions_between("2000-01-03", last)[-count:]
    walk = random.Random(symbol)  # noqa: S311 - prices, not secrets
    close, rows = 100.0, {}
    for day in days:
        opened, close = close, close * (1 + walk.gauss(0, 0.01))
        rows[day] = row(opened, max(opened, close) * 1.002, min(opened, close) * 0.998, close)
    meta = {
        "1. Information": "Daily Prices",
        "2. Symbol": symbol,
        "3. Last Refreshed": days[-1],
        "5. Time Zone": "US/Eastern",
    }
    return {"Meta Data": meta, "Time Series (Daily)": dict(reversed(rows.items()))}


def row(opened: float, high: float, low: float, close: float, volume: int = 1_000_000) -> dict[str, str]:
    """Return one bar in the vendor's form."""
    cells = {"1. open": opened, "2. high": high, "3. low": low, "4. close": close}
    return {**{name: f"{value:.4f}" for name, value in cells.items()}, "5. volume": str(volume)}
