"""Bars and the offsets that they were read up to, kept together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from struct import Struct
from typing import Any, NamedTuple
from zlib import crc32

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, func, select
from sqlalchemy.dialects import postgresql, sqlite

from flows.core.bars import Bar, BarRevision, BarSeries, Change, Interval, Origin, SeriesId
from flows.core.positions import Stored
from flows.ledger.tables import bars, offsets

LEDGER, STREAM = "ledger", "stream"
"""Who reads a topic: what keeps the bars, and what forecasts after each of them."""


class ReadUpTo(NamedTuple):
    """How far a topic was read."""

    reader: str
    cluster: str
    topic: str
    topic_id: str
    """The cluster's own name for this very topic; empty where it is not known."""
    next_offsets: Mapping[int, int]
    """For each partition the offset to go on from."""


_PRICES = Struct("<5d")
_COLUMNS = tuple(column.name for column in bars.c)
_VALUES = (bars.c.time, bars.c.open, bars.c.high, bars.c.low, bars.c.close, bars.c.volume)


def insert_new(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that leaves rows alone which are there already, in the database's own words."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def keep_bars(engine: Engine, revisions: Iterable[BarRevision], read_up_to: ReadUpTo | None = None) -> None:
    """Store bars, and the offsets to go on from, in one transaction; what is there already stays as it is."""
    with engine.begin() as connection:
        insert_bars(connection, revisions)
        if read_up_to is not None:
            keep_offsets(connection, read_up_to)


def insert_bars(connection: Connection, revisions: Iterable[BarRevision]) -> None:
    """Store bars within a transaction, by the driver's own words: a topic holds millions of them."""
    statement = insert_new(connection, bars).compile(dialect=connection.dialect, column_keys=list(_COLUMNS))
    kept_as = bars.c.received_at.type.dialect_impl(connection.dialect)
    instant: Callable[[datetime], Any] = kept_as.bind_processor(connection.dialect) or _as_it_is
    rows = [
        (origin, symbol, interval, time, revision, instant(received_at), *prices, checksum(time, prices))
        for origin, symbol, interval, revision, received_at, (time, *prices) in revisions
    ]
    if rows and statement.positional:
        connection.exec_driver_sql(str(statement), rows)
    elif rows:
        connection.exec_driver_sql(str(statement), [dict(zip(_COLUMNS, row, strict=True)) for row in rows])


def checksum(time: str, prices: Sequence[float]) -> int:
    """Return a CRC-32 of a bar's time, prices and volume: what was altered in the ledger later can be named by it."""
    return crc32(_PRICES.pack(*prices), crc32(time.encode()))


def _as_it_is(instant: datetime) -> datetime:
    return instant


def keep_offsets(connection: Connection, read: ReadUpTo) -> None:
    """Store how far a topic was read, within the transaction that keeps what was read."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for partition, next_offset in read.next_offsets.items():
        key = {"reader": read.reader, "cluster": read.cluster, "topic": read.topic, "partition": partition}
        values = {"topic_id": read.topic_id, "next_offset": next_offset}
        statement = dialect.insert(offsets).values(**key, **values)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(key), set_={name: statement.excluded[name] for name in values}
            )
        )


def stored_offsets(engine: Engine, topic: str, reader: str = LEDGER) -> list[Stored]:
    """Return how far a reader has read a topic, on every cluster."""
    columns = [offsets.c[name] for name in Stored._fields]
    query = select(*columns).where((offsets.c.topic == topic) & (offsets.c.reader == reader))
    with engine.connect() as connection:
        return [Stored(*row) for row in connection.execute(query)]


def topic_read(engine: Engine, topic: str) -> list[Stored]:
    """Return how far any reader of ours has read a topic, on every cluster: the ledger holds all the bars before that."""
    latest = func.max(offsets.c.next_offset).label("next_offset")
    places = (offsets.c.cluster, offsets.c.topic_id, offsets.c.partition)
    query = select(*places, latest).where(offsets.c.topic == topic).group_by(*places).order_by(*places)
    with engine.connect() as connection:
        return [Stored(**row) for row in connection.execute(query).mappings()]


def newest_versions(engine: Engine, series: SeriesId) -> dict[str, tuple[int, Bar]]:
    """Return for each bar time the newest revision's number and values."""
    return _versions(engine, series, [])


def newest_times(engine: Engine, origin: Origin, interval: Interval) -> dict[str, str]:
    """Return for each symbol the time of its newest bar."""
    query = (
        select(bars.c.symbol, func.max(bars.c.time).label("newest"))
        .where((bars.c.origin == origin) & (bars.c.interval == interval))
        .group_by(bars.c.symbol)
    )
    with engine.connect() as connection:
        return {row.symbol: row.newest for row in connection.execute(query)}


def changes(engine: Engine, series: SeriesId, until: str) -> list[Change]:
    """Return every change of a bar up to `until`, in the order in which they were received."""
    earlier = bars.alias("earlier")
    names = series._asdict()
    same_bar = [earlier.c[name] == bars.c[name] for name in (*names, "time")]
    query = (
        select(bars.c.received_at, bars.c.time, earlier.c.close, bars.c.close)
        .join(earlier, and_(*same_bar, earlier.c.revision == bars.c.revision - 1))
        .where(*(bars.c[name] == value for name, value in names.items()), bars.c.time <= until)
        .order_by(bars.c.received_at, bars.c.time)
    )
    with engine.connect() as connection:
        return [Change(*row) for row in connection.execute(query)]


def history(engine: Engine, series: SeriesId, until: str, known_at: datetime) -> BarSeries:
    """Return the bars up to `until`, as they were known at `known_at`.

    A bar's first version counts as known since its session's close; a correction only since it was received.
    """
    limits = [bars.c.time <= until, (bars.c.revision == 0) | (bars.c.received_at <= known_at)]
    versions = _versions(engine, series, limits)
    return BarSeries(
        series.symbol, series.interval, series.origin, tuple(bar for _, (_, bar) in sorted(versions.items()))
    )


def _versions(engine: Engine, series: SeriesId, limits: Sequence[ColumnElement[bool]]) -> dict[str, tuple[int, Bar]]:
    chosen = [bars.c[name] == value for name, value in series._asdict().items()]
    place = func.row_number().over(partition_by=bars.c.time, order_by=bars.c.revision.desc()).label("place")
    ranked = select(bars.c.revision, *_VALUES, place).where(*chosen, *limits).subquery()
    query = select(*(column for column in ranked.c if column.name != "place")).where(ranked.c.place == 1)
    with engine.connect() as connection:
        return {row.time: (row.revision, Bar(*row[1:])) for row in connection.execute(query)}
