"""Which bars show splits: what scores across them go by."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from flows.core.bars import SeriesId
from flows.ledger.tables import bars, placed_splits
from flows.ledger.turns import take_turn


def is_newest(engine: Engine, series: SeriesId, time: str, seen: datetime) -> bool:
    """Say whether whoever knows a series up to a bar, as it was at an instant, knows all that the ledger holds of it."""
    chosen = [bars.c[name] == value for name, value in series._asdict().items()]
    later = (bars.c.time > time) | ((bars.c.revision > 0) & (bars.c.received_at > seen))
    with engine.connect() as connection:
        return not connection.execute(select(func.count()).select_from(bars).where(*chosen, later)).scalar_one()


def keep_placed(engine: Engine, series: SeriesId, since: str, placed: Mapping[str, float]) -> None:
    """Store which bars show splits, in place of what was found before; write nothing where that is the same.

    Args:
        engine: The ledger.
        series: Whose bars.
        since: The time of the first bar that was looked at: what was found up to it stays.
        placed: By the time of the first bar in new units how many shares one became.
    """
    if placed_since(engine, series, since) == placed:
        return
    with engine.begin() as connection:
        take_turn(connection, "placed", *series)
        gone = placed_splits.c.time.not_in(list(placed))
        connection.execute(delete(placed_splits).where(*_chosen(series, since), gone))
        for time, factor in placed.items():
            _upsert(connection, series, time, factor)


def placed_since(engine: Engine, series: SeriesId, since: str = "") -> dict[str, float]:
    """Return which bars after a time show splits, and how many shares one became."""
    query = select(placed_splits.c.time, placed_splits.c.factor).where(*_chosen(series, since))
    with engine.connect() as connection:
        return {row.time: row.factor for row in connection.execute(query.order_by(placed_splits.c.time))}


def _chosen(series: SeriesId, since: str) -> list[ColumnElement[bool]]:
    same = [placed_splits.c[name] == value for name, value in series._asdict().items()]
    return [*same, placed_splits.c.time > since]


def _upsert(connection: Connection, series: SeriesId, time: str, factor: float) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    key = {**series._asdict(), "time": time}
    # Another run may have looked at the same moment.
    statement = dialect.insert(placed_splits).values(**key, factor=factor)
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={"factor": statement.excluded.factor})
    )
