"""Tests of a ledger in PostgreSQL that several machines share: opening, failing, coming back, and many at once."""

import multiprocessing
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, create_engine, select, text

from flows.core.bars import Interval, Origin
from flows.core.connections import LedgerConnection
from flows.core.errors import FixConfiguration, LedgerFailed, QuotaSpent
from flows.ledger import tables
from flows.ledger.bars import keep_bars
from flows.ledger.budget import spend_request
from flows.ledger.forecasts import keep_forecast, kept_forecasts
from flows.ledger.outbox import Audience, MailItem, claim, draft
from flows.ledger.store import open_ledger
from flows.stream.codec import encode_forecast
from tests.core.examples import NOW, a_forecast
from tests.ledger.ledgers import a_revision, forget
from tests.postgres.server import Server

PROCESSES, TURNS = 4, 5
TO = Audience(("ann@example.test",), Origin.LIVE, Interval.DAILY)
Act = Callable[[str, int], object]


@pytest.fixture
def address(postgres: Server) -> str:
    """Return the address of an empty database."""
    return postgres.create(f"test_{uuid.uuid4().hex}")


def opened(address: str, number: int = 0) -> object:
    """Open a ledger as a process does that has never seen it."""
    return open_ledger(LedgerConnection(address), Origin.LIVE).dialect.name


def forecast(address: str, number: int) -> object:
    """Keep some forecasts of one series, which no other process makes."""
    engine = open_ledger(LedgerConnection(address), Origin.LIVE)
    for turn in range(TURNS):
        keep_forecast(engine, a_forecast(point=100.0 + number + turn / 10), encode_forecast)
    return TURNS


def mail(address: str, number: int) -> object:
    """Claim mails; return how many were granted."""
    engine = open_ledger(LedgerConnection(address), Origin.LIVE)
    made = [draft(engine, TO, [MailItem(f"S{turn}", "forecast", "2026-11-20")], again=False) for turn in range(TURNS)]
    return sum(claim(engine, one, "subject", f"run-{number}", NOW, "") for one in made)


def spend(address: str, number: int) -> object:
    """Spend requests of one day; return how many there were."""
    engine = open_ledger(LedgerConnection(address), Origin.LIVE)
    spent = 0
    for _ in range(TURNS):
        try:
            spend_request(engine, "account", "2026-11-20", 7, "IBM, fetch")
        except QuotaSpent:
            continue
        spent += 1
    return spent


def at_once(act: Act, address: str) -> list[object]:
    """Return what each of some processes has done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with context.Pool(PROCESSES) as pool:
        return pool.starmap(act, [(address, number) for number in range(PROCESSES)])


def test_several_machines_may_open_a_new_ledger_at_once(address: str) -> None:
    """Only one of them makes the tables."""
    assert at_once(opened, address) == ["postgresql"] * PROCESSES


def test_several_machines_share_one_ledger(address: str) -> None:
    """One chain without gaps, one grant a mail, and no more requests than the day has."""
    assert at_once(forecast, address) == [TURNS] * PROCESSES
    engine = open_ledger(LedgerConnection(address), Origin.LIVE)
    chain = kept_forecasts(engine)
    assert [kept.issued.place for kept in chain] == list(range(1, PROCESSES * TURNS + 1))
    assert [kept.issued.previous for kept in chain] == [None, *(kept.record_hash for kept in chain[:-1])]
    assert sum(map(int, map(str, at_once(mail, address)))) == TURNS
    assert sum(map(int, map(str, at_once(spend, address)))) == 7


@pytest.mark.parametrize("prefix", ["postgres", "postgresql+psycopg"])
def test_an_address_may_be_written_in_several_ways(address: str, prefix: str) -> None:
    """Each means the driver that is installed."""
    assert opened(address.replace("postgresql", prefix)) == "postgresql"


def test_another_database_is_refused_with_the_two_that_are_not() -> None:
    """The sentence says what an address looks like."""
    with pytest.raises(FixConfiguration, match="can be SQLite or PostgreSQL, and its address says mysql"):
        opened("mysql://somebody@127.0.0.1/ledger")


@pytest.mark.parametrize("fault", ["port", "database"])
def test_a_server_that_cannot_be_used_is_told_without_its_password(postgres: Server, fault: str) -> None:
    """Nobody listens, or there is no such database."""
    port = 1 if fault == "port" else postgres.port
    with pytest.raises(FixConfiguration, match=r"the ledger at .* cannot be used") as caught:
        opened(f"postgresql://nextclose:planted-password@127.0.0.1:{port}/nowhere")
    assert "planted-password" not in str(caught.value)


def test_a_server_that_is_started_anew_costs_the_transaction_under_way_and_no_more(address: str) -> None:
    """What was under way is taken back and told as an error that a retry can mend; the next connection is a new one."""
    engine = open_ledger(LedgerConnection(address), Origin.LIVE)
    keep_bars(engine, [a_revision("2026-11-19")])
    with pytest.raises(LedgerFailed, match="what was under way was taken back"):
        _write_by_halves(engine, address)
    with engine.connect() as connection:
        assert "half" not in [row.name for row in connection.execute(select(tables.about))]
    _end_others(address)
    keep_bars(engine, [a_revision("2026-11-20")])
    with engine.connect() as connection:
        assert [row.time for row in connection.execute(select(tables.bars))] == ["2026-11-19", "2026-11-20"]
    forget(engine)


def _write_by_halves(engine: Engine, address: str) -> None:
    with engine.begin() as connection:
        connection.execute(tables.about.insert().values(name="half", value="written"))
        _end_others(address)
        connection.execute(select(tables.about)).all()


def _end_others(address: str) -> None:
    """Cut every other connection to a database, as a server does that goes down."""
    engine = create_engine(address.replace("postgresql", "postgresql+psycopg"))
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                "pg_backend_pid()"
            )
        )
    engine.dispose()


def test_instants_keep_their_microseconds_and_their_zone(address: str) -> None:
    """What was written is what is read."""
    engine = open_ledger(LedgerConnection(address), Origin.LIVE)
    at = datetime(2026, 11, 20, 22, 1, 2, 345678, tzinfo=UTC)
    keep_bars(engine, [a_revision("2026-11-20", 1 / 3, received_at=at)])
    with engine.connect() as connection:
        row = connection.execute(select(tables.bars)).one()
    assert (row.received_at, row.close) == (at, 1 / 3)
