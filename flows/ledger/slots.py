"""What became of each run of a day, symbol by symbol, and of the mails about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, Row, func, select

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.slots import RUNNING
from flows.ledger.outbox import MailItem, State
from flows.ledger.tables import outbox, outbox_items, outcomes, runs


class MailAbout(NamedTuple):
    """A mail that told of a slot's forecast or failure."""

    state: State
    run_id: str
    at: datetime
    subject: str


class SlotRecord(NamedTuple):
    """One symbol's part of one run."""

    series: SeriesId
    run_id: str
    flow: str
    at: datetime
    """The instant that the run was for: its scheduled one, or the one it played at."""
    scheduled: bool
    started_at: datetime | None
    run_outcome: str
    ended: str | None
    """One of flows.core.slots.Ended; None where the run has not ended, or is of an earlier version."""
    outcome: str | None
    due: str
    reason: str | None
    forecast_id: str | None
    mail: MailAbout | None


_AT = func.coalesce(runs.c.scheduled_for, runs.c.now)


def slots_between(engine: Engine, since: datetime, until: datetime, symbol: str | None = None) -> list[SlotRecord]:
    """Return the slots of the runs from an instant up to, but not including, another, in the order of time."""
    chosen = [since <= _AT, until > _AT, runs.c.symbols.is_not(None)]
    return [slot for slot in _slots(engine, *chosen) if symbol in (None, slot.series.symbol)]


def slots_of(engine: Engine, run_id: str) -> list[SlotRecord]:
    """Return the slots of one run."""
    return _slots(engine, runs.c.run_id == run_id, runs.c.symbols.is_not(None))


def newest_slot(engine: Engine, symbol: str | None = None) -> datetime | None:
    """Return the instant of the newest run, or of the newest about a symbol; None where there is none."""
    query = select(func.max(_AT)).select_from(runs).where(runs.c.symbols.is_not(None))
    if symbol is not None:
        query = query.join(outcomes, outcomes.c.run_id == runs.c.run_id).where(outcomes.c.symbol == symbol)
    with engine.connect() as connection:
        found: datetime | None = connection.execute(query).scalar()
    return found


def _slots(engine: Engine, *chosen: ColumnElement[bool]) -> list[SlotRecord]:
    about = [outcomes.c[name] for name in ("symbol", "ended", "due", "reason", "forecast_id")]
    query = (
        select(runs, _AT.label("at"), outcomes.c.outcome.label("kind"), *about)
        .join(outcomes, outcomes.c.run_id == runs.c.run_id, isouter=True)
        .where(*chosen)
        .order_by(_AT, runs.c.started_at, outcomes.c.symbol)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return [slot for row in rows for slot in _slots_in(engine, row)]


def _slots_in(engine: Engine, row: Row[tuple[object, ...]]) -> list[SlotRecord]:
    """Return the slot in a row; where the run has not ended, one for each symbol that it set out for."""
    symbols: Sequence[str] = row.symbols if row.symbol is None else [row.symbol]
    made = []
    for symbol in symbols:
        series = SeriesId(Origin(row.origin), symbol, Interval(row.interval))
        kind, due = row.kind, row.due or ""
        mail = None if kind is None else _mail_about(engine, series, kind, due, row.run_id)
        begun = (row.run_id, row.flow, row.at, row.scheduled_for is not None, row.started_at)
        ended = None if row.outcome == RUNNING else row.ended
        made.append(SlotRecord(series, *begun, row.outcome, ended, kind, due, row.reason, row.forecast_id, mail))
    return made


def _mail_about(engine: Engine, series: SeriesId, kind: str, session: str, run_id: str) -> MailAbout | None:
    """Return the mail of this run about something, else the last one of another run that was before or is sent."""
    item = MailItem(series.symbol, kind, session)
    same = [outbox_items.c[name] == value for name, value in (*item._asdict().items(), *series._asdict().items())]
    query = (
        select(outbox.c.state, outbox.c.run_id, outbox.c.changed_at, outbox.c.subject)
        .join(outbox_items, outbox_items.c.key == outbox.c.key)
        .where(*same)
        .order_by(outbox.c.run_id != run_id, outbox_items.c.attempt.desc())
    )
    with engine.connect() as connection:
        found = connection.execute(query.limit(1)).one_or_none()
    return None if found is None else MailAbout(*found)
