"""Where a recorded forecast's number comes from."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, func, select

from flows.core.bars import Interval, Origin, SeriesId
from flows.ledger.imports import Import, imports_within, source_of
from flows.ledger.tables import forecasts


class Provenance(NamedTuple):
    """A forecast with all that is kept of how it was made."""

    forecast_id: str
    origin: Origin
    symbol: str
    interval: Interval
    as_of: str
    target: str
    issued_at: datetime
    backfill: bool
    point: float
    naive: float
    lower80: float
    upper80: float
    model: str
    chosen_by: str
    parameters: dict[str, Any]
    contest: dict[str, Any]
    bars: int
    first_bar: str
    data_digest: str
    code_version: str
    run_id: str
    intervals: str | None
    record_hash: str | None
    cluster: str | None
    topic: str | None
    partition: int | None
    topic_offset: int | None
    bars_read: dict[str, Any] | None

    @property
    def series(self) -> SeriesId:
        """Which series it is about."""
        return SeriesId(Origin(self.origin), self.symbol, Interval(self.interval))


def provenance_of(engine: Engine, forecast_id: str) -> Provenance | None:
    """Return what is kept of one forecast, or None."""
    return _first(engine, forecasts.c.forecast_id == forecast_id)


def newest_forecast(engine: Engine, symbol: str) -> Provenance | None:
    """Return what is kept of a symbol's newest forecast that counts, or None."""
    return _first(engine, forecasts.c.symbol == symbol, ~forecasts.c.backfill)


def _first(engine: Engine, *chosen: ColumnElement[bool]) -> Provenance | None:
    columns = [forecasts.c[name] for name in Provenance._fields]
    place = func.coalesce(forecasts.c.place, 0)
    query = select(*columns).where(*chosen).order_by(forecasts.c.issued_at.desc(), place.desc()).limit(1)
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else Provenance(*row)


def came_from(engine: Engine, found: Provenance) -> tuple[str | None, list[Import]]:
    """Return the source of a forecast's bars, and the files that some of them came from."""
    return source_of(engine, found.series), imports_within(engine, found.series, found.first_bar, found.as_of)
