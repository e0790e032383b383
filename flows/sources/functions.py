"""What Alpha Vantage calls each kind of bars: the function to ask, its parameters, and the name of its series.

Source: the vendor's documentation of its stock time series.
"""

from typing import NamedTuple

from flows.core.bars import Interval
from flows.core.connections import AlphaVantageConnection
from flows.sources.base import BarRequest


class Function(NamedTuple):
    """One function of the vendor."""

    name: str
    series: str
    """How the key of its bars begins; an entitlement puts more behind it."""
    sizes: bool = True
    """Whether it knows outputsize; the others always give their whole history."""


SPLITS = "SPLITS"
INTRADAY = "TIME_SERIES_INTRADAY"
DAILY = Function("TIME_SERIES_DAILY", "Time Series (Daily)")
WEEKLY = Function("TIME_SERIES_WEEKLY", "Weekly Time Series", sizes=False)
MONTHLY = Function("TIME_SERIES_MONTHLY", "Monthly Time Series", sizes=False)
DAILY_ADJUSTED = Function("TIME_SERIES_DAILY_ADJUSTED", "Time Series (Daily)")
WEEKLY_ADJUSTED = Function("TIME_SERIES_WEEKLY_ADJUSTED", "Weekly Adjusted Time Series", sizes=False)
MONTHLY_ADJUSTED = Function("TIME_SERIES_MONTHLY_ADJUSTED", "Monthly Adjusted Time Series", sizes=False)

PLAIN = {Interval.DAILY: DAILY, Interval.WEEKLY: WEEKLY, Interval.MONTHLY: MONTHLY}
ADJUSTED = {Interval.DAILY: DAILY_ADJUSTED, Interval.WEEKLY: WEEKLY_ADJUSTED, Interval.MONTHLY: MONTHLY_ADJUSTED}


def function_for(interval: Interval, *, adjusted: bool) -> Function:
    """Return the function that gives bars of this interval."""
    if interval.minutes is not None:
        return Function(INTRADAY, f"Time Series ({interval})")
    return (ADJUSTED if adjusted else PLAIN)[interval]


def parameters(connection: AlphaVantageConnection, request: BarRequest, outputsize: str) -> dict[str, str]:
    """Return the query that asks for the bars, key included."""
    function = function_for(request.interval, adjusted=connection.adjusted)
    query = {"function": function.name, "symbol": request.symbol, "datatype": "json", "apikey": connection.api_key}
    if function.sizes:
        query["outputsize"] = "full" if request.month or request.deep else outputsize
    if function.name == INTRADAY:
        # Left to itself, the vendor adds the hours before and after the session.
        query |= {
            "interval": str(request.interval),
            "adjusted": str(connection.adjusted).lower(),
            "extended_hours": "false",
        }
        query |= {"month": request.month} if request.month else {}
    if function.sizes and connection.entitlement is not None:
        query["entitlement"] = connection.entitlement
    return query


def split_parameters(connection: AlphaVantageConnection, symbol: str) -> dict[str, str]:
    """Return the query that asks for a symbol's splits, key included."""
    return {"function": SPLITS, "symbol": symbol, "datatype": "json", "apikey": connection.api_key}
