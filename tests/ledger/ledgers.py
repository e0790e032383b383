"""A ledger for one test, and many threads at once on it."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, Table, func, select

from flows.core.bars import BarRevision, Interval, Origin, SeriesId
from flows.core.connections import LedgerConnection
from flows.core.forecast import Forecast
from flows.ledger import store, tables
from flows.ledger.bars import LEDGER, ReadUpTo
from flows.ledger.forecasts import keep_forecast
from flows.ledger.store import open_ledger
from flows.stream.codec import encode_forecast
from tests.core.examples import a_bar

T = TypeVar("T")
LIVE = SeriesId(Origin.LIVE, "IBM", Interval.DAILY)
EVENING = datetime(2026, 11, 20, 22, tzinfo=UTC)


def where(folder: Path, name: str = "ledger.db") -> LedgerConnection:
    """Return the way to a ledger in a folder."""
    return LedgerConnection(f"sqlite:///{folder / name}")


class Database:
    """Which database the ledgers of the tests that follow are in."""

    address: str | None = None
    """A PostgreSQL database to be used over and over; None for SQLite."""


@contextmanager
def a_ledger() -> Iterator[Engine]:
    """Open a fresh ledger: in a folder of its own, or in PostgreSQL."""
    if Database.address is not None:
        yield emptied(Database.address)
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = open_ledger(where(Path(folder)), Origin.LIVE)
        yield engine
        engine.dispose()


def emptied(address: str) -> Engine:
    """Open a ledger that is as if it had just been made."""
    engine = open_ledger(LedgerConnection(address), Origin.LIVE)
    with engine.begin() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
    return open_ledger(LedgerConnection(address), Origin.LIVE)


def forget(engine: Engine) -> None:
    """Let the next opening be like that of another process."""
    engine.dispose()
    store._opened.cache_clear()


def a_revision(
    time: str, close: float = 100.0, revision: int = 0, received_at: datetime = EVENING, series: SeriesId = LIVE
) -> BarRevision:
    """Return one version of a bar."""
    return BarRevision(*series, revision, received_at, a_bar(time, close))


def read_up_to(
    cluster: str = "one", topic: str = "bars", topic_id: str = "", reader: str = LEDGER, **next_offsets: int
) -> ReadUpTo:
    """Return how far a topic was read; p0=5 stands for offset 5 of partition 0."""
    return ReadUpTo(reader, cluster, topic, topic_id, {int(name[1:]): found for name, found in next_offsets.items()})


def kept_forecast(engine: Engine, forecast: Forecast) -> Forecast:
    """Keep a forecast, its hash being that of its record on the topic."""
    return keep_forecast(engine, forecast, encode_forecast)


def rows(engine: Engine, table: Table) -> int:
    """Return how many rows a table has."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """Return what `act` gives in so many threads that all begin at the same moment."""
    barrier = threading.Barrier(count)

    def wait_and_act(number: int) -> T:
        barrier.wait(10)
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_act, range(count)))
