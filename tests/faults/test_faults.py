"""Tests that whatever happens to a run, the next one mends it: no mail twice, no bar lost, no forecast by halves."""

import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import flows.beginning
import flows.ledger.engines
import flows.publishers.outbox
from blocks import Ledger
from flows.core.bars import Origin
from flows.core.connections import LedgerConnection
from flows.embedded.state import state_directory
from flows.ledger.store import open_ledger
from tests.broker.faults.disk import filled, small_disk
from tests.broker.node import ROOT
from tests.faults.jobs import Side
from tests.faults.trial import NOW, Bench, moments
from tests.ledger.ledgers import forget
from tests.postgres.server import Postgres

SIDES: tuple[Side, ...] = ("before", "after")
LONGEST = 1.2
"""Seconds from a run's first request to its end, and a little more."""
KILLS, PAIRS = 100, 50


def keep(name: str, figures: dict[str, object]) -> None:
    """Keep the figures of a long form."""
    place = state_directory(ROOT) / "torture" / f"{name}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(name, figures)  # noqa: T201 - the figures are what it is for


def test_a_run_that_is_killed_is_mended_by_the_next(bench: Bench) -> None:
    """Before and after the commits around a forecast and a mail, and at some moment in between."""
    points = bench.commits()
    named = {
        name: points.index(name) for name in ("keep_bars", "_append", "begin_sending", "keep_run") if name in points
    }
    assert {"keep_bars", "begin_sending"} <= set(named), points
    trials = [(named["keep_bars"], "before"), (named["begin_sending"], "after")]
    found = [wrong for number, side in trials for wrong in bench.killed_at(number, side)]  # type: ignore[arg-type]
    assert [*found, *bench.killed_after(0.3)] == []
    assert "Mail unknown" in bench.states.values()


def test_two_runs_at_the_same_instant_mail_once(bench: Bench) -> None:
    """Whoever is second is told."""
    assert bench.pair() == []


def test_a_mail_in_doubt_is_sent_again_on_request_only(bench: Bench) -> None:
    """A server that took it and hung up: the state says so, a normal run sends nothing, a person may."""
    symbol = bench.new_symbol()
    bench.office.mood = "hangs up after taking"
    assert bench.world.symbol(symbol, now=NOW).name == "Mail unknown"
    assert bench.mended(symbol) == []
    assert (bench.states[symbol], bench.mails(symbol)) == ("Mail unknown", 1)
    assert bench.world.symbol(symbol, now=NOW, resend=True).name == "Sent"
    assert bench.mails(symbol) == 2


def test_a_locked_ledger_is_waited_for(bench: Bench) -> None:
    """Another program writes for two seconds in the middle of a run."""
    symbol = bench.new_symbol()
    with closing(
        sqlite3.connect(str(bench.ledger.url.database), isolation_level=None, check_same_thread=False)
    ) as other:
        locked = threading.Timer(0.2, other.execute, ["BEGIN IMMEDIATE"])
        freed = threading.Timer(2.2, other.execute, ["COMMIT"])
        locked.start()
        freed.start()
        assert bench.mended(symbol) == []
        locked.join()
        freed.join()


def test_a_ledger_that_stays_locked_fails_the_run_and_costs_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program writes for longer than is waited: the run says so, and the next one makes and mails the forecast."""
    monkeypatch.setattr(flows.ledger.engines, "BUSY_SECONDS", 1)
    forget(bench.ledger)
    symbol = bench.new_symbol()
    with closing(
        sqlite3.connect(str(bench.ledger.url.database), isolation_level=None, check_same_thread=False)
    ) as other:
        locked = threading.Timer(0.3, other.execute, ["BEGIN IMMEDIATE"])
        locked.start()
        freed = threading.Timer(9.0, other.execute, ["COMMIT"])
        freed.start()
        failed = bench.world.symbol(symbol, now=NOW)
        locked.join()
        freed.join()
    assert (failed.name, "database is locked" in str(failed.message)) == ("Failed", True)
    assert bench.world.symbol(symbol, now=NOW).name == "Sent"
    # Two mails are right here: one tells the failure, one the forecast.
    assert sum(str(mail["Subject"]).startswith(f"{symbol} 2026-11-23:") for mail in bench.office.mails) == 1
    assert bench.kept_wrongly(symbol) == []


def test_a_clock_that_is_set_back_mails_nothing_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day earlier by the system's clock, the same forecast is still known as told."""
    symbol = bench.new_symbol()
    assert bench.mended(symbol) == []

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Earlier":
            return cls.fromtimestamp(time.time() - 86_400, tz)

    for module in (flows.beginning, flows.publishers.outbox):
        monkeypatch.setattr(module, "datetime", Earlier)
    assert bench.mended(symbol) == []
    assert bench.states[symbol] == "Nothing new"


def test_a_postgresql_that_crashes_in_the_middle_costs_no_more_than_that_run(
    postgres_bench: Bench, postgres: Postgres
) -> None:
    """The run under way may fail; the next one mends everything."""
    bench, symbol = postgres_bench, postgres_bench.new_symbol()
    crash = threading.Timer(0.3, postgres.crash)
    crash.start()
    bench.world.symbol(symbol, now=NOW)
    crash.join()
    assert bench.mended(symbol) == []


def test_a_full_disk_is_said_and_mended(bench: Bench, tmp_path: Path) -> None:
    """A run without space for its ledger ends with a sentence; with space the next one is as it should be."""
    with small_disk(tmp_path / "disk") as folder:
        if folder is None:
            pytest.skip("this user may not mount a file system")
        url = f"sqlite:///{folder / 'ledger.db'}"
        engine = open_ledger(LedgerConnection(url), Origin.CUSTOM)
        Ledger(url=SecretStr(url)).save("ledger", overwrite=True)
        bench.ledger, symbol = engine, bench.new_symbol()
        with filled(folder):
            states = [bench.world.symbol(name, now=NOW) for name in (symbol, *(bench.new_symbol() for _ in range(8)))]
            failed = [state for state in states if state.is_failed()]
        assert failed
        assert all("ledger" in str(state.message) for state in failed)
        assert bench.mended(symbol) == []
        forget(engine)


@contextmanager
def timed(figures: dict[str, object]) -> Iterator[None]:
    """Note how long something takes."""
    began = time.monotonic()
    yield
    figures["seconds"] = round(time.monotonic() - began)


def torture(bench: Bench, name: str) -> None:
    """Kill runs at every commit, before and after, and at random moments; a hundred in all; keep the figures."""
    figures: dict[str, object] = {}
    with timed(figures):
        points = bench.commits()
        found = [wrong for number in range(len(points)) for side in SIDES for wrong in bench.killed_at(number, side)]
        left = max(KILLS - 2 * len(points), KILLS // 2)
        found += [wrong for seconds in moments(left, LONGEST) for wrong in bench.killed_after(seconds)]
    figures |= {
        "commit points": points,
        "kills": bench.tried - 1,
        "normal runs ended as": dict(Counter(bench.states.values())),
        "mails twice": sum(bench.mails(symbol) > 1 for symbol in bench.states),
        "deviations": found,
        "at": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    keep(name, figures)
    assert found == []


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_a_hundred_kills_on_sqlite(bench: Bench) -> None:
    """Nothing is lost, nothing is half-written, nothing is mailed twice; what may have gone out is in doubt."""
    torture(bench, "kills-sqlite")


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_a_hundred_kills_on_postgresql(postgres_bench: Bench) -> None:
    """The same."""
    torture(postgres_bench, "kills-postgresql")


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_fifty_pairs(database: str, request: pytest.FixtureRequest) -> None:
    """One mail each time."""
    bench: Bench = request.getfixturevalue("bench" if database == "sqlite" else "postgres_bench")
    figures: dict[str, object] = {}
    with timed(figures):
        found = [wrong for _ in range(PAIRS) for wrong in bench.pair()]
    mails = sum(bench.mails(symbol) for symbol in bench.states)
    keep(f"pairs-{database}", figures | {"pairs": PAIRS, "mails": mails, "deviations": found})
    assert (found, mails) == ([], PAIRS)
