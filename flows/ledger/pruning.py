"""Retention: what may be forgotten after a while. Forecasts, mails, splits and bars of a day or more never are."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, Table, delete, func, select

from flows.core.bars import Interval
from flows.ledger.tables import bars, outcomes, requests, runs

WITHIN_SESSIONS = tuple(interval.value for interval in Interval if interval.minutes is not None)


class Prunable(NamedTuple):
    """Rows of a table that are old enough to go."""

    table: str
    rows: int


def prunable(engine: Engine, before: datetime, *, with_bars: bool) -> list[Prunable]:
    """Return what `prune` would delete."""
    with engine.connect() as connection:
        return [
            Prunable(table.name, connection.execute(select(func.count()).select_from(table).where(chosen)).scalar_one())
            for table, chosen in _old(before, with_bars=with_bars)
        ]


def prune(engine: Engine, before: datetime, *, with_bars: bool) -> list[Prunable]:
    """Delete, in one transaction, what is older than an instant; return what it was.

    Args:
        engine: The ledger.
        before: Runs that were for an earlier instant go, with their outcomes, and days whose requests were counted.
        with_bars: So do bars within sessions. Forecasts that were made from them cannot be replayed any more.
    """
    with engine.begin() as connection:
        return [
            Prunable(table.name, connection.execute(delete(table).where(chosen)).rowcount)
            for table, chosen in _old(before, with_bars=with_bars)
        ]


def _old(before: datetime, *, with_bars: bool) -> list[tuple[Table, ColumnElement[bool]]]:
    """Return each table, those that refer to others first, and which of its rows are old."""
    old_runs = runs.c.now < before
    day = f"{before:%Y-%m-%d}"
    found: list[tuple[Table, ColumnElement[bool]]] = [
        (outcomes, outcomes.c.run_id.in_(select(runs.c.run_id).where(old_runs))),
        (runs, old_runs),
        (requests, requests.c.day < day),
    ]
    return [*found, (bars, bars.c.interval.in_(WITHIN_SESSIONS) & (bars.c.time < day))] if with_bars else found
