"""Answers in the vendor's shapes, one for each function, with invented numbers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

Cells = Mapping[str, str]
Payload = dict[str, Any]

PRICES = "(open, high, low, close) and Volumes"
KINDS = {
    "TIME_SERIES_DAILY": (f"Daily Prices {PRICES}", "Time Series (Daily)", 5),
    "TIME_SERIES_DAILY_ADJUSTED": ("Daily Time Series with Splits and Dividend Events", "Time Series (Daily)", 5),
    "TIME_SERIES_WEEKLY": (f"Weekly Prices {PRICES}", "Weekly Time Series", 4),
    "TIME_SERIES_WEEKLY_ADJUSTED": ("Weekly Adjusted Prices and Volumes", "Weekly Adjusted Time Series", 4),
    "TIME_SERIES_MONTHLY": (f"Monthly Prices {PRICES}", "Monthly Time Series", 4),
    "TIME_SERIES_MONTHLY_ADJUSTED": ("Monthly Adjusted Prices and Volumes", "Monthly Adjusted Time Series", 4),
}
"""What each function calls its answer, its series, and the number of the field that names the zone."""
DELAYED = " - DATA DELAYED BY 15 MINUTES"


def plain(close: float, volume: int = 1_000_000) -> Cells:
    """Return one bar of a function without adjustment."""
    prices = {"1. open": close - 0.5, "2. high": close + 1, "3. low": close - 1, "4. close": close}
    return {**{name: f"{price:.4f}" for name, price in prices.items()}, "5. volume": str(volume)}


def adjusted(close: float, in_todays_shares: float, volume: int = 1_000_000, *, split: bool = False) -> Cells:
    """Return one bar of a function with adjustment: its fifth field is no volume."""
    cells = {**plain(close), "5. adjusted close": f"{in_todays_shares:.4f}", "6. volume": str(volume)}
    del cells["5. volume"]
    return {**cells, "7. dividend amount": "0.0000", **({"8. split coefficient": "1.0"} if split else {})}


def answer(function: str, rows: Mapping[str, Cells], *, symbol: str = "IBM", suffix: str = "") -> Payload:
    """Return the answer of a function for sessions, weeks or months; rows stand newest first, as given."""
    title, series, place = KINDS[function]
    meta = {"1. Information": title + suffix, "2. Symbol": symbol, "3. Last Refreshed": max(rows)}
    size = {"4. Output Size": "Compact"} if place == 5 else {}
    return {"Meta Data": {**meta, **size, f"{place}. Time Zone": "US/Eastern"}, series + suffix: dict(rows)}


def intraday(interval: str, rows: Mapping[str, Cells], *, symbol: str = "IBM", suffix: str = "") -> Payload:
    """Return the answer of TIME_SERIES_INTRADAY."""
    meta = {
        "1. Information": f"Intraday ({interval}) open, high, low, close prices and volume{suffix}",
        "2. Symbol": symbol,
        "3. Last Refreshed": max(rows),
        "4. Interval": interval,
        "5. Output Size": "Compact",
        "6. Time Zone": "US/Eastern",
    }
    return {"Meta Data": meta, f"Time Series ({interval}){suffix}": dict(rows)}


def extended_day(day: str, minutes: int, special: Mapping[str, float]) -> dict[str, Cells]:
    """Return a day's bars from 04:00 to before 20:00, newest first; `special` gives some times a close of their own."""
    begin = datetime.fromisoformat(f"{day}T04:00")
    times = [begin + timedelta(minutes=minutes * place) for place in range(16 * 60 // minutes)]
    return {f"{time:%Y-%m-%d %H:%M:%S}": plain(special.get(f"{time:%H:%M}", 100.0)) for time in reversed(times)}
