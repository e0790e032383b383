"""Tests of the day's requests through whole runs: nothing is wasted, nobody is forgotten, nobody is asked too fast."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from sqlalchemy import text

from flows.cli.configure import apply
from flows.core.bars import Interval
from flows.core.connections import AlphaVantageConnection
from flows.core.errors import NotConnected
from flows.pace import limit_name
from flows.parts import parts_in_use
from flows.sources import BarRequest
from flows.steps import fetch
from tests.answers import THROTTLED, UNKNOWN, daily, quota
from tests.world import KEY, World, report_of, text_of, world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
DAYS = {23: "2026-11-20", 24: "2026-11-23"}
NAMES = tuple(f"S{number:02}" for number in range(1, 7))


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world with a budget of four requests a day."""
    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, lambda query: daily(query["symbol"], DAYS[23])) as made:
        apply({"ALPHAVANTAGE_DAILY_REQUESTS": "4"})
        yield made


def asked(here: World) -> list[str]:
    """Return the symbols that the market was asked for, in that order."""
    return [query["symbol"] for query in here.market.queries]


def test_who_waits_today_comes_first_tomorrow(here: World) -> None:
    """Four of six are served, the others are named; a second run asks nobody; the next day begins with those two."""
    report = report_of(here.watchlist(*NAMES, now=NOW))
    assert [failure.symbol for failure in report.failures] == ["S05", "S06"]
    assert {failure.kind for failure in report.failures} == {"quota"}
    assert "requests needed: 6, for 6 symbols; left: 4 of 4 for 2026-11-23" in report.notes[0]
    assert "waiting for another day: S05, S06" in text_of(here.mails[0])
    assert here.watchlist(*NAMES, now=NOW.replace(hour=17)).name == "Nothing new"
    assert sorted(asked(here)) == ["S01", "S02", "S03", "S04"]
    here.market.answer = lambda query: daily(query["symbol"], DAYS[24])
    report = report_of(here.watchlist(*NAMES, now=NOW.replace(day=24)))
    assert set(asked(here)[4:6]) == {"S05", "S06"}
    assert [failure.symbol for failure in report.failures] == ["S03", "S04"]


def test_an_unknown_symbol_does_not_push_itself_to_the_front(here: World) -> None:
    """It never gets a bar, so it would be the oldest for ever."""
    here.market.answer = lambda query: UNKNOWN if query["symbol"] == "S01" else daily(query["symbol"], DAYS[23])
    here.watchlist("S01", now=NOW)
    here.watchlist(*NAMES[:4], now=NOW)
    assert (asked(here)[0], set(asked(here)[1:])) == ("S01", {"S02", "S03", "S04"})


def test_the_vendors_own_count_ends_the_day(here: World) -> None:
    """When the vendor says that the key is used up, the ledger believes it, and nobody else asks."""
    here.market.answer = lambda query: quota(query["apikey"])
    here.watchlist("S01", now=NOW)
    report = report_of(here.watchlist("S02", "S03", now=NOW))
    assert (len(here.market.queries), [failure.kind for failure in report.failures]) == (1, ["quota", "quota"])


def test_a_retry_costs_a_request_of_the_day(here: World) -> None:
    """The ledger counts what the vendor counts."""
    here.market.answer = lambda query: THROTTLED if len(here.market.queries) == 1 else daily(query["symbol"], DAYS[23])
    here.symbol("S01", now=NOW)
    with here.ledger.connect() as connection:
        assert connection.execute(text("SELECT used FROM requests WHERE day = '2026-11-23'")).scalars().all() == [2]


def test_a_request_that_never_left_is_not_counted(here: World) -> None:
    """Without a network the day's requests are still there when it comes back."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}/query"
    source = AlphaVantageConnection(KEY, nobody, requests_per_second=None, daily_requests=4)
    with parts_in_use() as parts:
        for _ in range(6):
            request = BarRequest("S01", Interval.DAILY, NOW)
            with pytest.raises(NotConnected):
                fetch(replace(parts, source=source), request, lambda: None)
    with here.ledger.connect() as connection:
        assert connection.execute(text("SELECT used FROM requests")).scalars().all() == [0]


def test_two_runs_at_once_keep_one_pace(here: World) -> None:
    """Their requests take turns; both runs together are no faster than the plan allows."""
    apply({"ALPHAVANTAGE_REQUESTS_PER_SECOND": "2", "ALPHAVANTAGE_DAILY_REQUESTS": ""})
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(here.watchlist, *names, now=NOW) for names in (NAMES[:3], NAMES[3:])]
        assert [len(report_of(run.result()).entries) for run in runs] == [3, 3]
    gaps = [later - earlier for earlier, later in pairwise(here.market.times)]
    assert (len(gaps), min(gaps) >= 0.5) == (5, True)


def test_configure_makes_the_limit(here: World) -> None:
    """The spacing stands in Prefect before the first run."""
    apply({"ALPHAVANTAGE_REQUESTS_PER_SECOND": "3"})
    with parts_in_use() as parts, get_client(sync_client=True) as client:
        limit = client.read_global_concurrency_limit_by_name(limit_name(parts.source))
    assert (limit.limit, 2 < limit.slot_decay_per_second <= 3) == (1, True)
