"""Tests of what a person is told when PostgreSQL is in trouble, and of going on afterwards."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from flows.core.bars import Interval, Origin
from flows.core.connections import LedgerConnection
from flows.core.errors import FixConfiguration, LedgerFailed, NextcloseError, RejectData
from flows.ledger import store, tables
from flows.ledger.budget import requests_used, spend_request
from flows.ledger.outbox import Audience, MailItem, claim, draft
from flows.ledger.runs import Outcome, keep_run
from flows.ledger.store import open_ledger
from tests.core.examples import NOW
from tests.ledger.ledgers import at_once, forget, rows
from tests.postgres.server import PASSWORD, TEMPLATE, Postgres


@pytest.fixture
def ledger(postgres: Postgres) -> Iterator[Engine]:
    """Return a ledger in a database of its own."""
    with postgres.database(TEMPLATE) as place:
        engine = open_ledger(place, Origin.LIVE)
        yield engine
        forget(engine)


def told(url: str) -> NextcloseError:
    """Return what opening a ledger at an address ends with."""
    with pytest.raises(NextcloseError) as caught:
        open_ledger(LedgerConnection(url), Origin.LIVE)
    return caught.value


def spend(ledger: Engine, account: str = "host") -> None:
    """Do something that reads and writes."""
    spend_request(ledger, account, "2026-11-20", None, "IBM, fetch")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_usual_writing_of_an_address_is_understood(postgres: Postgres, scheme: str) -> None:
    """Whatever driver it names, ours is used."""
    with postgres.database(TEMPLATE) as place:
        engine = open_ledger(LedgerConnection(place.url.replace("postgresql", scheme, 1)), Origin.LIVE)
        assert engine.driver == "psycopg"
        forget(engine)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (("127.0.0.1:{port}", "127.0.0.1:{closed}"), LedgerFailed, "Is PostgreSQL running there"),
        ((PASSWORD, "another-secret-0123456789"), FixConfiguration, "Check user, password and database"),
        (("/postgres", "/nowhere"), FixConfiguration, "the database must exist"),
        (("nextclose:", "nobody:"), FixConfiguration, "Check user, password and database"),
        ((f"{PASSWORD}@", f"{PASSWORD}/@:"), FixConfiguration, "no database address"),
        ((f":{PASSWORD}@", "@"), FixConfiguration, "Check user, password"),
        (("postgresql", "mysql"), FixConfiguration, "there are SQLite and PostgreSQL"),
        (("/postgres", f"/postgres?sslpassword={PASSWORD}&sslmode=magic"), FixConfiguration, "magic"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(
    postgres: Postgres, change: tuple[str, str], error: type[NextcloseError], said: str
) -> None:
    """The sentence names the place and what to do, and no secret, not even in the chain of causes."""
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        ports = {"port": postgres.port, "closed": unused.getsockname()[1]}
        before, after = (part.format(**ports) for part in change)
        found = told(postgres.url("postgres").replace(before, after))
    assert (type(found), said in str(found), "\n" in str(found)) == (error, True, False)
    shown = "".join(map(str, (found, found.__cause__, found.__context__ if not found.__suppress_context__ else "")))
    assert not {PASSWORD, "another-secret-0123456789"} & {
        word for word in (PASSWORD, "another-secret-0123456789") if word in shown
    }


def test_a_restart_between_two_statements_is_not_noticed(postgres: Postgres, ledger: Engine) -> None:
    """The next operation takes a new connection."""
    spend(ledger)
    postgres.restart()
    spend(ledger)
    assert requests_used(ledger, "host", "2026-11-20") == 2


def test_a_restart_in_the_middle_takes_back_and_may_be_tried_again(postgres: Postgres, ledger: Engine) -> None:
    """What was under way is an error that a retry can change, and left nothing behind."""
    with ledger.connect() as connection:
        connection.execute(tables.about.insert().values(name="half", value="1"))
        postgres.restart()
        with pytest.raises(LedgerFailed, match="taken back") as caught:
            connection.execute(text("SELECT 1"))
    assert PASSWORD not in str(caught.value)
    with ledger.connect() as connection:
        assert connection.execute(tables.about.select().where(tables.about.c.name == "half")).first() is None


def test_a_server_that_is_away_may_come_back(postgres: Postgres, ledger: Engine) -> None:
    """While it is stopped every operation is an error that a retry can change; then it goes on."""
    spend(ledger)
    postgres.stop()
    try:
        with pytest.raises(LedgerFailed):
            spend(ledger)
        store._opened.cache_clear()
        assert isinstance(told(ledger.url.render_as_string(hide_password=False)), LedgerFailed)
    finally:
        postgres.start()
    spend(ledger)
    assert requests_used(ledger, "host", "2026-11-20") == 2


def test_a_deadlock_may_be_tried_again(ledger: Engine) -> None:
    """PostgreSQL takes one of the two back; that is no fault of ours to die of."""
    met = threading.Barrier(2)

    def cross(number: int) -> str:
        try:
            with ledger.begin() as connection:
                first, second = ("a", "b")[:: 1 - 2 * number]
                connection.execute(tables.about.insert().values(name=first, value="1"))
                met.wait(10)
                connection.execute(tables.about.insert().values(name=second, value="1"))
        except LedgerFailed as error:
            return str(error)
        return "done"

    said = sorted(at_once(2, cross))
    assert (said[0], "deadlock detected" in said[1]) == ("done", True)


def test_a_missing_right_is_a_matter_of_configuration(postgres: Postgres, ledger: Engine) -> None:
    """A user who may only look is told so."""
    database = str(ledger.url.database)
    postgres.sql("CREATE ROLE looker LOGIN PASSWORD 'looker-secret-0123'")
    postgres.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker", database)
    place = LedgerConnection(postgres.url(database).replace(f"nextclose:{PASSWORD}", "looker:looker-secret-0123"))
    engine = open_ledger(place, Origin.LIVE)
    with pytest.raises(FixConfiguration, match=r"refuses .* nothing was written") as caught:
        spend(engine)
    assert "looker-secret" not in str(caught.value)
    engine.dispose()


def test_what_is_too_long_is_no_crash(ledger: Engine) -> None:
    """A text without room is an error of ours; a folder's name of any length can be counted for."""
    with pytest.raises(RejectData, match="cannot hold a value"):
        keep_run(ledger, "r" * 37, "forecast-watchlist", NOW, "Sent", "", ())
    account = f"files in /{'long/' * 60}"
    for place in (account, account, f"{account}other"):
        spend(ledger, place)
    assert [requests_used(ledger, name, "2026-11-20") for name in (account, f"{account}other")] == [2, 1]


def test_words_from_outside_may_hold_anything(ledger: Engine) -> None:
    """A zero byte, or half a sign, in a reason does not cost the run its record."""
    failed = Outcome("IBM", Origin.LIVE, Interval.DAILY, "2026-11-20", "data", "fetch", "a\0b\ud800c")
    keep_run(ledger, "run-1", "forecast-watchlist", NOW, "Failed", "a\0b", [failed])
    with ledger.connect() as connection:
        assert connection.execute(tables.outcomes.select()).one().reason == "a?b?c"


def test_a_mail_may_have_many_readers(ledger: Engine) -> None:
    """PostgreSQL keeps the keys of its indexes short."""
    audience = Audience(
        tuple(f"reader-{number}@a-long-domain.example.test" for number in range(900)), Origin.LIVE, Interval.DAILY
    )
    other = replace(audience, recipients=audience.recipients[1:])
    items = [MailItem("IBM", "forecast", "2026-11-20")]
    granted = [
        claim(ledger, draft(ledger, readers, items, again=False), "subject", "run-1", datetime.now(UTC), "")
        for readers in (audience, audience, other)
    ]
    assert (granted, rows(ledger, tables.outbox)) == ([True, False, True], 2)
