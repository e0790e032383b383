"""Tests of asking the vendor for splits."""

import json
from collections.abc import Callable

import pytest

from flows.core.errors import BrokenAnswer, KeyRefused, NextcloseError, PremiumOnly, QuotaSpent, RejectSymbol, Throttled
from flows.embedded.market import market_server, symbols
from flows.sources import SPLIT_SOURCES, Listed
from flows.sources.split_answers import parse_splits
from tests.answers import THROTTLED, UNKNOWN, quota, splits
from tests.sources.servers import KEY, vendor


def parse(payload: object) -> tuple[Listed, ...]:
    """Return the splits in an answer."""
    return parse_splits(json.dumps(payload).encode(), "IBM", (KEY,))


def test_one_request_asks_for_all_splits() -> None:
    """Function, symbol and key go over the wire, and nothing else; the list comes back in the vendor's order."""
    spent: list[int] = []
    listed = splits("IBM", ("2021-11-04", "1.0460"), ("1999-05-27", "2.0000"), ("1979-06-01", "4.0000"))
    with vendor(json.dumps(listed).encode()) as server:
        connection = server.connection()
        found = SPLIT_SOURCES[type(connection)](connection).splits("IBM", lambda: spent.append(1))
    assert server.queries == [{"function": "SPLITS", "symbol": "IBM", "datatype": "json", "apikey": KEY}]
    assert (found, spent) == ((("2021-11-04", 1.046), ("1999-05-27", 2.0), ("1979-06-01", 4.0)), [1])


def test_an_empty_list_is_an_answer() -> None:
    """So is a line of one for one, which changes nothing."""
    assert parse(splits("IBM")) == ()
    assert parse(splits("IBM", ("2021-11-04", "1.0000"))) == ()


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (THROTTLED, Throttled),
        (UNKNOWN, RejectSymbol),
        (quota(KEY), QuotaSpent),
        ({"Information": "Thank you! This is a premium endpoint. Subscribe"}, PremiumOnly),
        ({"Information": "The **demo** API key is for demo purposes only."}, KeyRefused),
        ({}, BrokenAnswer),
        ([], BrokenAnswer),
        ({"symbol": "IBM", "data": {}}, BrokenAnswer),
        ({"symbol": "IBM", "data": None}, BrokenAnswer),
        (splits("IBM", ("2021-11-04", "2"), ("soon", "2")), BrokenAnswer),
        *((splits("IBM", ("2021-11-04", factor)), BrokenAnswer) for factor in ("0", "-2", "None", "nan", "1e9", "")),
        ({"symbol": "IBM", "data": ["2021-11-04"]}, BrokenAnswer),
    ],
)
def test_what_is_no_list_is_an_error(payload: object, error: type[NextcloseError]) -> None:
    """The vendor's error bodies are those of every function; a line that cannot be read spoils the list."""
    with pytest.raises(error) as raised:
        parse(payload)
    assert "IBM" in str(raised.value)
    assert KEY not in str(raised.value)


def test_a_line_that_echoes_the_key_does_not_show_it() -> None:
    """Not in the error that quotes it."""
    with pytest.raises(BrokenAnswer, match="cannot be read") as raised:
        parse(splits("IBM", (KEY, "2")))
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"null"])
def test_noise_is_an_error(body: bytes) -> None:
    """Never a list."""
    with pytest.raises(BrokenAnswer):
        parse_splits(body, "IBM")


def test_the_bundled_market_knows_its_symbols() -> None:
    """None of them was split in those years; another symbol is unknown, as with the vendor."""
    from flows.core.connections import AlphaVantageConnection

    nothing: Callable[[], None] = lambda: None  # noqa: E731 - as a source is given it
    with market_server() as server:
        connection = AlphaVantageConnection("demo", server.url)
        source = SPLIT_SOURCES[type(connection)](connection)
        assert [source.splits(symbol, nothing) for symbol in symbols()] == [()] * len(symbols())
        with pytest.raises(RejectSymbol):
            source.splits("NOPE", nothing)
