"""Tests of what is asked over HTTP for each kind of bars, and that the answer's bars come back from it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from flows.core.bars import Interval
from flows.core.cleaning import clean
from flows.core.errors import PremiumOnly
from flows.sources import BarRequest
from flows.sources.alpha_vantage import AlphaVantage
from tests.core.moments import at
from tests.sources.recorded import Payload, adjusted, answer, extended_day, intraday, plain
from tests.sources.servers import KEY, vendor

SATURDAY = at("2026-11-21 12:00 UTC")
ALWAYS = {"symbol": "IBM", "datatype": "json", "apikey": KEY}
WITHIN = {"function": "TIME_SERIES_INTRADAY", "extended_hours": "false", "outputsize": "compact", "adjusted": "false"}
DAY, WEEK, MONTH = ({"2026-11-20": plain(2.0)}, {"2026-11-20": plain(2.0)}, {"2026-10-30": plain(2.0)})
DAY_5 = intraday("5min", extended_day("2026-11-20", 5, {"15:55": 2.0}))
DAY_60 = intraday("60min", extended_day("2026-11-20", 60, {"15:00": 2.0}))
PREMIUM = {
    "Information": "Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe to any plan"
}


def scaled(day: str) -> dict[str, Any]:
    """Return one adjusted bar."""
    return {day: adjusted(20.0, 2.0)}


ASKED: list[tuple[Interval, dict[str, Any], str, Payload, dict[str, str]]] = [
    (
        Interval.DAILY,
        {},
        "",
        answer("TIME_SERIES_DAILY", DAY),
        {"function": "TIME_SERIES_DAILY", "outputsize": "compact"},
    ),
    (
        Interval.DAILY,
        {"outputsize": "full", "entitlement": "delayed"},
        "",
        answer("TIME_SERIES_DAILY", DAY),
        {"function": "TIME_SERIES_DAILY", "outputsize": "full", "entitlement": "delayed"},
    ),
    (
        Interval.DAILY,
        {"adjusted": True},
        "",
        answer("TIME_SERIES_DAILY_ADJUSTED", scaled("2026-11-20")),
        {"function": "TIME_SERIES_DAILY_ADJUSTED", "outputsize": "compact"},
    ),
    (
        Interval.WEEKLY,
        {"outputsize": "full"},
        "",
        answer("TIME_SERIES_WEEKLY", WEEK),
        {"function": "TIME_SERIES_WEEKLY"},
    ),
    (
        Interval.WEEKLY,
        {"adjusted": True},
        "",
        answer("TIME_SERIES_WEEKLY_ADJUSTED", scaled("2026-11-20")),
        {"function": "TIME_SERIES_WEEKLY_ADJUSTED"},
    ),
    (Interval.MONTHLY, {}, "", answer("TIME_SERIES_MONTHLY", MONTH), {"function": "TIME_SERIES_MONTHLY"}),
    (
        Interval.MONTHLY,
        {"adjusted": True},
        "",
        answer("TIME_SERIES_MONTHLY_ADJUSTED", scaled("2026-10-30")),
        {"function": "TIME_SERIES_MONTHLY_ADJUSTED"},
    ),
    (Interval.MIN_5, {}, "", DAY_5, {**WITHIN, "interval": "5min"}),
    (Interval.MIN_60, {"adjusted": True}, "", DAY_60, {**WITHIN, "interval": "60min", "adjusted": "true"}),
    (
        Interval.MIN_5,
        {"outputsize": "full"},
        "2026-11",
        DAY_5,
        {**WITHIN, "interval": "5min", "month": "2026-11", "outputsize": "full"},
    ),
    (
        Interval.MIN_5,
        {"entitlement": "realtime", "outputsize": "full"},
        "",
        DAY_5,
        {**WITHIN, "interval": "5min", "entitlement": "realtime", "outputsize": "full"},
    ),
]


@pytest.mark.parametrize(("interval", "settings", "month", "payload", "query"), ASKED)
def test_each_kind_of_bars_is_asked_for_with_the_parameters_it_knows(
    interval: Interval, settings: dict[str, Any], month: str, payload: Payload, query: dict[str, str]
) -> None:
    """Neither more nor fewer parameters go over the wire, in one request, and the last close comes back."""
    spent: list[int] = []
    with vendor(json.dumps(payload).encode()) as server:
        source = AlphaVantage(replace(server.connection(), **settings))
        raw = source.fetch(BarRequest("IBM", interval, SATURDAY, month), lambda: spent.append(1))
    assert ([ALWAYS | query], [1]) == (server.queries, spent)
    bars = clean(raw, SATURDAY).series.bars
    assert bars[-1].close == 2.0


@pytest.mark.parametrize("symbol", ["BRK-B", "^GSPC", "M&M.BSE", "EURUSD=X", "TSCO.LON"])
def test_a_symbol_arrives_as_it_is_written(symbol: str) -> None:
    """Signs that mean something in an address are escaped on the way."""
    payload = answer("TIME_SERIES_DAILY", DAY, symbol=symbol)
    with vendor(json.dumps(payload).encode()) as server:
        AlphaVantage(server.connection()).fetch(BarRequest(symbol, Interval.DAILY, SATURDAY), lambda: None)
    assert [symbol] == [query["symbol"] for query in server.queries]


@pytest.mark.parametrize("interval", [Interval.DAILY, Interval.MIN_5])
def test_a_premium_function_is_not_asked_for_a_second_time(interval: Interval) -> None:
    """Less of it would be refused as well: a second request is one of the day's 25 burnt."""
    spent: list[int] = []
    with vendor(json.dumps(PREMIUM).encode()) as server:
        source = AlphaVantage(replace(server.connection(outputsize="full"), adjusted=True))
        with pytest.raises(PremiumOnly):
            source.fetch(BarRequest("IBM", interval, SATURDAY), lambda: spent.append(1))
    assert (len(server.queries), spent) == (1, [1])


def test_an_earlier_month_is_asked_for_whole() -> None:
    """With compact the vendor gives the last hundred bars of that month, whichever of its days is wanted."""
    with vendor(json.dumps(DAY_5).encode()) as server:
        AlphaVantage(server.connection()).fetch(BarRequest("IBM", Interval.MIN_5, SATURDAY, "2026-09"), lambda: None)
    assert [(query["month"], query["outputsize"]) for query in server.queries] == [("2026-09", "full")]
