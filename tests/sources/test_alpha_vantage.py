"""Tests of the bars in an answer, and of what is asked to get them."""

import json
import time

import pytest

from flows.core.bars import Origin
from flows.core.cleaning import RawBar, RawSeries
from flows.core.errors import BrokenAnswer, PremiumOnly, QuotaSpent, Unreachable
from flows.sources import SOURCES
from flows.sources.alpha_vantage import AlphaVantage, parse
from tests.sources.servers import DAY, GOOD, KEY, REQUEST, Answer, vendor

NO_FULL = {"Information": "Thank you! The outputsize=full parameter value is a premium feature for this endpoint."}


def parsed(payload: object) -> RawSeries:
    """Return the rows of a decoded answer."""
    return parse(json.dumps(payload).encode(), REQUEST, Origin.LIVE)


def one_row(cells: object) -> RawBar:
    """Return the row that these cells of one day become."""
    (row,) = parsed({"Time Series (Daily)": {"2026-11-20": cells}}).rows
    return row


def fetched(*answers: object, outputsize: str = "compact") -> tuple[RawSeries, list[dict[str, str]], int]:
    """Return the bars of a vendor that answers so, the queries that it got, and how many requests were spent."""
    spent: list[int] = []
    with vendor(*(json.dumps(answer).encode() for answer in answers)) as server:
        source = AlphaVantage(server.connection(outputsize=outputsize))
        return source.fetch(REQUEST, lambda: spent.append(1)), server.queries, len(spent)


def test_bars_are_asked_for_in_the_vendors_terms() -> None:
    """Function, symbol, size, format and key: and nothing else."""
    _, queries, _ = fetched(GOOD)
    expected = {"function": "TIME_SERIES_DAILY", "symbol": "IBM", "outputsize": "compact", "datatype": "json"}
    assert [expected | {"apikey": KEY}] == queries


def test_bars_come_as_the_vendor_gave_them() -> None:
    """Values stay texts, the order stays the vendor's, and the origin is the address's."""
    series, _, spent = fetched(GOOD)
    row = RawBar("2026-11-20", "1.0", "4.0", "0.5", "2.0", "9")
    assert (row, row._replace(time="2026-11-19")) == series.rows
    assert (series.symbol, series.origin, series.received_at) == ("IBM", Origin.CUSTOM, REQUEST.received_at)
    assert (series.notes, spent) == ((), 1)


def test_each_source_is_made_from_its_own_configuration() -> None:
    """The registry knows the source behind a connection, and the source its origin."""
    with vendor(b"{}") as server:
        connection = server.connection()
    source = SOURCES[type(connection)](connection)
    assert connection.origin == source.origin


def test_a_refused_full_history_becomes_the_last_hundred_bars_with_a_note() -> None:
    """The second request asks for compact, and both are spent."""
    series, queries, spent = fetched(NO_FULL, GOOD, outputsize="full")
    assert [query["outputsize"] for query in queries] == ["full", "compact"]
    assert (len(series.rows), spent) == (2, 2)
    assert series.notes == ("the key's plan refused outputsize=full, so only the last 100 bars were fetched",)


def test_a_granted_full_history_costs_one_request() -> None:
    """A plan that has it is not asked twice."""
    series, queries, spent = fetched(GOOD, outputsize="full")
    assert ([query["outputsize"] for query in queries], spent, series.notes) == (["full"], 1, ())


def test_a_refusal_of_compact_is_an_error() -> None:
    """There is nothing smaller to ask for, so no second request is made."""
    with vendor(json.dumps(NO_FULL).encode()) as server, pytest.raises(PremiumOnly):
        AlphaVantage(server.connection()).fetch(REQUEST, lambda: None)
    assert len(server.queries) == 1


def test_without_budget_no_request_is_made() -> None:
    """The request is counted before it is sent."""

    def spend() -> None:
        raise QuotaSpent("IBM, fetch: none left")

    with vendor(b"{}") as server, pytest.raises(QuotaSpent, match="none left"):
        AlphaVantage(server.connection()).fetch(REQUEST, spend)
    assert server.queries == []


def test_a_status_is_an_error_of_the_fetch() -> None:
    """A server's fault is not looked into for bars."""
    with vendor(Answer(json.dumps(GOOD).encode(), 503)) as server, pytest.raises(Unreachable, match=r"^IBM, fetch: "):
        AlphaVantage(server.connection()).fetch(REQUEST, lambda: None)


@pytest.mark.parametrize(
    "numbers",
    [
        ("1. ", "2. ", "3. ", "4. ", "5. "),
        ("5. ", "4. ", "3. ", "2. ", "1. "),
        ("",) * 5,
        ("1a. ", "2b. ", "3a. ", "4a. ", "10. "),
        ("1.", "2.", "3.", "4.", "5."),
    ],
)
def test_fields_are_known_by_name_whatever_their_number(numbers: tuple[str, ...]) -> None:
    """The vendor's numbering differs between functions."""
    names = ("volume", "close", "low", "high", "open")
    cells = {number + name: name for number, name in zip(numbers, names, strict=True)}
    assert RawBar("2026-11-20", "open", "high", "low", "close", "volume") == one_row(cells)


def test_an_adjusted_close_is_not_taken_for_the_volume() -> None:
    """A fifth field of another meaning does not stand in for the fifth of DAILY."""
    row = one_row({"4. close": "2.0", "5. adjusted close": "3.0", "6. volume": "7"})
    assert RawBar("2026-11-20", None, None, None, "2.0", "7") == row


@pytest.mark.parametrize("cells", [None, "2.0", 5, [], {}, {"open": None}])
def test_a_day_without_fields_is_a_row_without_values(cells: object) -> None:
    """Such a row is left to the cleaning, which rejects it under its date."""
    assert RawBar("2026-11-20", None, None, None, None, None) == one_row(cells)


def test_a_delayed_series_is_a_series() -> None:
    """An entitlement puts a suffix to the name."""
    assert len(parsed({"Time Series (Daily) - DATA DELAYED BY 15 MINUTES": {"2026-11-20": DAY}}).rows) == 1


@pytest.mark.parametrize(("named", "notes"), [("IBM", 0), ("ibm", 0), ("MSFT", 1), ("", 1), (None, 1)])
def test_bars_under_another_name_are_noted(named: object, notes: int) -> None:
    """What the answer calls itself is compared with what was asked for."""
    series = parsed({**GOOD, "Meta Data": {"2. Symbol": named}})
    assert notes == len(series.notes)
    assert all(f"asked for IBM, the source answered with bars that it calls {named}" == note for note in series.notes)


def test_a_byte_order_mark_is_no_fault() -> None:
    """Some proxies put one in front of the text."""
    assert len(parse(b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), REQUEST, Origin.LIVE).rows) == 2


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe\x00", b"{}{}", b"NaN", b"timestamp,open\r\n"])
def test_an_answer_that_is_not_json_is_shown_in_part(body: bytes) -> None:
    """The sentence shows how the answer begins and points to base_url."""
    with pytest.raises(BrokenAnswer, match=r"^IBM, fetch: the answer is not JSON, it begins with .* Check base_url"):
        parse(body, REQUEST, Origin.LIVE)


def test_a_very_deep_answer_is_an_error() -> None:
    """Brackets without end do not take the process down."""
    with pytest.raises(BrokenAnswer):
        parse(b"[" * 1_000_000, REQUEST, Origin.LIVE)


def test_a_large_answer_is_read_fast() -> None:
    """Twenty years of bars take no noticeable time."""
    before = time.perf_counter()
    assert len(parsed({"Time Series (Daily)": {f"{n:010}": DAY for n in range(5_000)}}).rows) == 5_000
    assert time.perf_counter() - before < 1.0
