"""Which model won, and what the last forecast of a series leaves to the next."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, select

from flows.core.backtest import Contest
from flows.core.bars import SeriesId
from flows.core.intervals import IntervalState
from flows.core.limits import Earlier
from flows.ledger.bars import insert_new
from flows.ledger.tables import forecasts, winners


class Winner(NamedTuple):
    """A model on record."""

    model: str
    as_of: str
    evaluated_at: datetime


def keep_winner(
    engine: Engine,
    series: SeriesId,
    as_of: str,
    contest: Contest,
    evaluated_at: datetime,
    code_version: str,
    run_id: str,
) -> None:
    """Store the winner of a whole contest, once a run."""
    facts = {"model": contest.winner, "contest": asdict(contest), "evaluated_at": evaluated_at}
    row = {**series._asdict(), "as_of": as_of, **facts, "code_version": code_version, "run_id": run_id}
    with engine.begin() as connection:
        connection.execute(insert_new(connection, winners).values(**row))


def winner_at(engine: Engine, series: SeriesId, as_of: str, seen: datetime) -> Winner | None:
    """Return the newest winner that was on record at an instant and knew no bar after `as_of`, or None."""
    return _newest(engine, series, winners.c.as_of <= as_of, winners.c.evaluated_at <= seen)


def winner_before(engine: Engine, series: SeriesId, as_of: str) -> Winner | None:
    """Return the newest winner on record that did not know the bar of `as_of`, or None."""
    return _newest(engine, series, winners.c.as_of < as_of)


def _newest(engine: Engine, series: SeriesId, *when: ColumnElement[bool]) -> Winner | None:
    chosen = [winners.c[name] == value for name, value in series._asdict().items()]
    query = select(winners.c.model, winners.c.as_of, winners.c.evaluated_at).where(*chosen, *when)
    with engine.connect() as connection:
        row = connection.execute(
            query.order_by(winners.c.as_of.desc(), winners.c.evaluated_at.desc()).limit(1)
        ).one_or_none()
    return None if row is None else Winner(*row)


def last_chosen(engine: Engine, series: SeriesId, as_of: str) -> str | None:
    """Return the model that forecast the bar before, if the comparison chose it, or None."""
    chosen = [*_before(series, as_of), forecasts.c.chosen_by.in_(("contest", "recorded"))]
    query = select(forecasts.c.model).where(*chosen).order_by(forecasts.c.as_of.desc(), forecasts.c.issued_at)
    with engine.connect() as connection:
        return connection.execute(query.limit(1)).scalar()


def earlier_forecast(engine: Engine, series: SeriesId, as_of: str, method: str) -> Earlier | None:
    """Return what the last forecast made after an earlier bar tells about intervals, or None."""
    columns = ("as_of", "naive", "interval_state", "more", "lower80", "upper80", "lower95", "upper95")
    chosen = [*_before(series, as_of), forecasts.c.intervals == method]
    query = select(*(forecasts.c[name] for name in columns)).where(*chosen)
    with engine.connect() as connection:
        row = connection.execute(query.order_by(forecasts.c.as_of.desc(), forecasts.c.issued_at).limit(1)).one_or_none()
    if row is None or not row.interval_state:
        return None
    around = {0.80: (row.lower80, row.upper80), 0.95: (row.lower95, row.upper95)}
    around |= {level: (lower, upper) for level, lower, upper in row.more or ()}
    state: Mapping[str, float] = row.interval_state
    return Earlier(row.as_of, row.naive, IntervalState.from_mapping(state), around)


def _before(series: SeriesId, as_of: str) -> list[ColumnElement[bool]]:
    same = [forecasts.c[name] == value for name, value in series._asdict().items()]
    return [*same, forecasts.c.as_of < as_of, ~forecasts.c.backfill]
