"""Tests of several processes that begin and use one ledger on PostgreSQL at the same moment."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection, Engine, text

from flows.core.bars import Origin
from flows.ledger import tables
from flows.ledger.addresses import address_in
from flows.ledger.budget import requests_used
from flows.ledger.engines import engine_on
from flows.ledger.forecasts import kept_forecasts
from flows.ledger.store import open_ledger
from tests.ledger.ledgers import forget, rows
from tests.ledger.test_chain import require_linked
from tests.postgres.job import FORECASTS, LIMIT, MAILS, REQUESTS, START
from tests.postgres.server import Postgres

PROCESSES = 4
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
Facts = dict[str, Any]


class Played(NamedTuple):
    """What several processes did to one ledger, and what each says of it."""

    ledger: Engine
    said: list[Facts]


@pytest.fixture(scope="module")
def played(postgres: Postgres) -> Iterator[Played]:
    """Let processes begin one ledger in an empty database, and do everything, at once."""
    with postgres.database() as place:
        starter = engine_on(address_in(place.url))
        with starter.begin() as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({START})"))
            command = (sys.executable, "-m", "tests.postgres.job", place.url)
            jobs = [
                subprocess.Popen((*command, str(number)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for number in range(PROCESSES)
            ]
            wait_for_all(connection)
        ended = [job.communicate(timeout=100) for job in jobs]
        assert [job.returncode for job in jobs] == [0] * PROCESSES, ended
        starter.dispose()
        ledger = open_ledger(place, Origin.LIVE)
        yield Played(ledger, [json.loads(output) for output, _ in ended])
        forget(ledger)


def wait_for_all(connection: Connection) -> None:
    """Return when every process stands in line."""
    until = time.monotonic() + 60
    while connection.execute(WAITING).scalar_one() < PROCESSES:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_chain_has_no_gaps_and_no_forks(played: Played) -> None:
    """Each process hears of places of its own; together they are one chain, hash after hash."""
    assert list(range(1, PROCESSES * FORECASTS + 1)) == sorted(
        place for said in played.said for place in said["places"]
    )
    found = kept_forecasts(played.ledger)
    assert list(range(1, PROCESSES * FORECASTS + 1)) == [kept.issued.place for kept in found]
    require_linked(found)


def test_each_mail_is_granted_once(played: Played) -> None:
    """Of all processes exactly one may send it."""
    assert [sum(granted) for granted in zip(*(said["mails"] for said in played.said), strict=True)] == [1] * MAILS
    assert (rows(played.ledger, tables.outbox), rows(played.ledger, tables.outbox_items)) == (MAILS, 2 * MAILS)


def test_a_budget_is_spent_to_its_limit_and_no_further(played: Played) -> None:
    """More was asked for than there is."""
    assert PROCESSES * REQUESTS > LIMIT
    assert sum(said["requests"] for said in played.said) == LIMIT == requests_used(played.ledger, "host", "2026-11-20")
