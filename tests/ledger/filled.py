"""A ledger with rows in every table."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Engine, Float, Integer, insert

from flows.ledger import tables
from flows.ledger.base import Instant
from flows.ledger.runs import Begun, Outcome, begin_run, keep_run
from tests.core.examples import NOW, a_forecast
from tests.ledger.ledgers import LIVE, kept_forecast

AT = datetime(2026, 11, 20, 22, 1, 2, 345678, tzinfo=UTC)


def fill(engine: Engine) -> None:
    """Put rows into every table: a forecast and a run by the product's own ways, the others value by value."""
    made = kept_forecast(engine, a_forecast())
    begin_run(engine, Begun("run-1", "forecast-watchlist", NOW, LIVE.origin, LIVE.interval, ("IBM",), NOW))
    outcome = Outcome("IBM", LIVE.origin, LIVE.interval, "2026-11-20", "forecast", forecast_id=made.forecast_id)
    keep_run(engine, "run-1", "forecast-watchlist", NOW, "Sent", "done", [outcome])
    keep_run(engine, "run-of-an-earlier-version", "forecast-watchlist", NOW, "Sent", "done", [])
    with engine.begin() as connection:
        for table in tables.metadata.sorted_tables:
            if table.name not in ("about", "forecasts", "runs", "outcomes"):
                rows = [{c.name: _value(c.type, c.name, number) for c in table.c} for number in (1, 2)]
                connection.execute(insert(table), rows)


def _value(kind: Any, name: str, number: int) -> object:
    if isinstance(kind, Integer):
        return number if name in ("id", "partition", "attempt", "used", "bars", "revision") else 2**40 + number
    values: list[tuple[Any, object]] = [
        (Instant, AT + timedelta(days=number)),
        (JSON, {"number": number / 3}),
        (Boolean, number == 1),
        (Float, number / 3),
    ]
    return next((value for sort, value in values if isinstance(kind, sort)), f"{name[:8]}{number}")
