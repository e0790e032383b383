"""Runs: what each set out to do, how it ended, and how it ended for each symbol."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from flows.core.bars import Interval, Origin
from flows.core.slots import FRESH, RUNNING
from flows.ledger.bars import insert_new
from flows.ledger.tables import outcomes, runs


class Outcome(NamedTuple):
    """How one run ended for one symbol."""

    symbol: str
    origin: Origin
    interval: Interval
    due: str
    outcome: str
    """``forecast``, ``evaluated``, ``superseded``, or the failure's kind."""
    step: str | None = None
    reason: str | None = None
    forecast_id: str | None = None
    ended: str | None = None
    """What became of the slot for this symbol, such as ``sent``; one of flows.core.slots.Ended."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run set out to do."""

    run_id: str
    flow: str
    now: datetime
    origin: Origin
    interval: Interval
    symbols: tuple[str, ...]
    started_at: datetime
    scheduled_for: datetime | None = None
    """When its schedule wanted it to begin; None of a run that a person asked for."""
    deployment: str | None = None


def begin_run(engine: Engine, begun: Begun) -> None:
    """Write down that a run has begun, or has begun anew: a run that is killed leaves this behind."""
    values = {name: getattr(begun, name) for name in Begun.__slots__}
    row = {**values, "symbols": list(begun.symbols), "outcome": RUNNING, "message": "", "ended_at": None}
    with engine.begin() as connection:
        _forget(connection, begun.run_id)
        connection.execute(insert(runs).values(**row))


def _forget(connection: Connection, run_id: str) -> None:
    connection.execute(delete(outcomes).where(outcomes.c.run_id == run_id))
    connection.execute(delete(runs).where(runs.c.run_id == run_id))


def keep_run(
    engine: Engine,
    run_id: str,
    flow: str,
    now: datetime,
    outcome: str,
    message: str,
    symbols: Sequence[Outcome],
    ended_at: datetime | None = None,
) -> None:
    """Store how a run ended, and how it ended for each symbol; a second call changes nothing."""
    with engine.begin() as connection:
        row = {"run_id": run_id, "flow": flow, "now": now, "outcome": RUNNING, "message": ""}
        connection.execute(insert_new(connection, runs), row)
        ours = (runs.c.run_id == run_id) & (runs.c.outcome == RUNNING)
        values = {"outcome": outcome, "message": message, "ended_at": ended_at}
        # What cannot be a symbol may be a text of any length.
        rows = {item.symbol[:30]: {"run_id": run_id, **item._asdict(), "symbol": item.symbol[:30]} for item in symbols}
        if connection.execute(update(runs).where(ours).values(**values)).rowcount and rows:
            connection.execute(insert(outcomes), list(rows.values()))


def newer_success(engine: Engine, deployment: str, scheduled_for: datetime) -> datetime | None:
    """Return for when the newest later run of a deployment's schedule was that has said all there is to say, or None."""
    query = select(func.max(runs.c.scheduled_for)).where(
        runs.c.deployment == deployment,
        runs.c.scheduled_for > scheduled_for,
        runs.c.outcome.in_([ended.state_name for ended in FRESH]),
    )
    with engine.connect() as connection:
        found: datetime | None = connection.execute(query).scalar()
    return found


def unknown_symbols(engine: Engine, origin: Origin, interval: Interval) -> frozenset[str]:
    """Return the symbols whose last run ended because nobody knew them."""
    place = func.row_number().over(partition_by=outcomes.c.symbol, order_by=(runs.c.now.desc(), runs.c.run_id))
    ranked = (
        select(outcomes.c.symbol, outcomes.c.outcome, place.label("place"))
        .join(runs, runs.c.run_id == outcomes.c.run_id)
        .where((outcomes.c.origin == origin) & (outcomes.c.interval == interval))
        .subquery()
    )
    query = select(ranked.c.symbol).where((ranked.c.place == 1) & (ranked.c.outcome == "symbol"))
    with engine.connect() as connection:
        return frozenset(connection.execute(query).scalars())
