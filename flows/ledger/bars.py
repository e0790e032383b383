"""Bars and the offsets that they were read up to, kept together."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, func, select
from sqlalchemy.dialects import postgresql, sqlite

from flows.core.bars import Bar, BarRevision, BarSeries, Change, Interval, Origin, SeriesId
from flows.ledger.tables import bars, offsets

_VALUES = (bars.c.time, bars.c.open, bars.c.high, bars.c.low, bars.c.close, bars.c.volume)


def insert_new(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that leaves rows alone which are there already, in the database's own words."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def keep_bars(
    engine: Engine,
    revisions: Iterable[BarRevision],
    *,
    cluster: str = "",
    topic: str = "",
    next_offsets: Mapping[int, int] | None = None,
) -> None:
    """Store bars, and the offsets to go on from, in one transaction; what is there already stays as it is."""
    rows = [_row(revision) for revision in revisions]
    with engine.begin() as connection:
        if rows:
            connection.execute(insert_new(connection, bars), rows)
        for partition, next_offset in (next_offsets or {}).items():
            _keep_offset(connection, cluster, topic, partition, next_offset)


def _row(revision: BarRevision) -> dict[str, object]:
    identity = ("origin", "symbol", "interval", "revision", "received_at")
    return {**{name: getattr(revision, name) for name in identity}, **revision.bar._asdict()}


def _keep_offset(connection: Connection, cluster: str, topic: str, partition: int, next_offset: int) -> None:
    key = {"cluster": cluster, "topic": topic, "partition": partition}
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(offsets).values(**key, next_offset=next_offset)
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={"next_offset": statement.excluded.next_offset})
    )


def stored_offsets(engine: Engine, topic: str) -> dict[tuple[str, int], int]:
    """Return for each (cluster id, partition) of a topic the next offset to read."""
    query = select(offsets.c.cluster, offsets.c.partition, offsets.c.next_offset).where(offsets.c.topic == topic)
    with engine.connect() as connection:
        return {(cluster, partition): next_offset for cluster, partition, next_offset in connection.execute(query)}


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
