"""What is new to the stream: bars behind the newest that it has seen, each waiting for its forecast."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from flows.core.bars import BarRevision, Interval, Origin, SeriesId
from flows.ledger.bars import ReadUpTo, insert_bars, insert_new, keep_offsets
from flows.ledger.tables import bars, heads, waiting
from flows.ledger.turns import take_turn


class Waiting(NamedTuple):
    """A bar after which a forecast has still to be made."""

    series: SeriesId
    time: str


def begin_news(engine: Engine, read_up_to: ReadUpTo | None) -> None:
    """Take all that the ledger holds for history: news is what comes from here on.

    Args:
        engine: The ledger.
        read_up_to: For every partition the offset at which news begins.
    """
    columns = (bars.c.origin, bars.c.symbol, bars.c.interval)
    with engine.begin() as connection:
        take_turn(connection, "news")
        rows = connection.execute(select(*columns, func.max(bars.c.time)).group_by(*columns)).all()
        _keep_heads(connection, {SeriesId(*row[:3]): row[3] for row in rows})
        if read_up_to is not None:
            keep_offsets(connection, read_up_to)


def keep_news(
    engine: Engine,
    revisions: Sequence[BarRevision],
    read_up_to: ReadUpTo | None,
    possible: Callable[[BarRevision], bool] = lambda _: True,
) -> int:
    """Store bars, note which of them are new, and how far the topic was read: all in one transaction.

    A bar is new if it is a first version, and later than every bar of its series that the stream has seen. Of a series
    that was not known when news began only the last bar is new: the others are its history.

    Args:
        engine: The ledger.
        revisions: In the order in which they stand on the topic.
        read_up_to: The offsets to go on from.
        possible: Says whether a bar can be one by now; others are stored, and neither new nor the newest.

    Returns:
        How many bars are new.
    """
    with engine.begin() as connection:
        take_turn(connection, "news")
        seen = {series: _head(connection, series) for series in {SeriesId(*revision[:3]) for revision in revisions}}
        news, newest = _news(filter(possible, revisions), seen)
        insert_bars(connection, revisions)
        _keep_heads(connection, newest)
        if news:
            rows = [{**one.series._asdict(), "time": one.time} for one in news]
            connection.execute(insert_new(connection, waiting), rows)
        if read_up_to is not None:
            keep_offsets(connection, read_up_to)
    return len(news)


def _news(
    revisions: Iterable[BarRevision], seen: dict[SeriesId, str | None]
) -> tuple[list[Waiting], dict[SeriesId, str]]:
    newest = {series: head for series, head in seen.items() if head is not None}
    news: dict[SeriesId, list[Waiting]] = {}
    for origin, symbol, interval, revision, _, bar in revisions:
        series = SeriesId(origin, symbol, interval)
        if bar.time > newest.get(series, ""):
            newest[series] = bar.time
            if revision == 0:
                news.setdefault(series, []).append(Waiting(series, bar.time))
    return [one for series, found in news.items() for one in (found if seen[series] else found[-1:])], newest


def _head(connection: Connection, series: SeriesId) -> str | None:
    """Return the newest bar of a series that the stream has seen, or None."""
    return connection.execute(select(heads.c.newest).where(*_is(heads, series))).scalar()


def _keep_heads(connection: Connection, newest: dict[SeriesId, str]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for series, time in newest.items():
        statement = dialect.insert(heads).values(**series._asdict(), newest=time)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(SeriesId._fields), set_={"newest": statement.excluded.newest}
            )
        )


def waiting_bars(engine: Engine) -> list[Waiting]:
    """Return every bar that waits for its forecast, the earliest first."""
    query = select(waiting).order_by(waiting.c.time, waiting.c.symbol)
    with engine.connect() as connection:
        rows = connection.execute(query)
        return [Waiting(SeriesId(Origin(r.origin), r.symbol, Interval(r.interval)), r.time) for r in rows]


def stop_waiting(engine: Engine, one: Waiting) -> None:
    """Take a bar off the list: its forecast is published, or none can be made."""
    with engine.begin() as connection:
        connection.execute(delete(waiting).where(*_is(waiting, one.series), waiting.c.time == one.time))


def _is(table: Table, series: SeriesId) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in series._asdict().items()]
