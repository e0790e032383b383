"""What a forecast can be made again from: its row, and the bars as they were known when it was made."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.pool import StaticPool

from flows.core.bars import Bar, BarRevision, Interval, Origin, SeriesId
from flows.core.issued import Issued
from flows.ledger.bars import checksum, insert_bars
from flows.ledger.tables import bars, forecasts, metadata, series, splits

_MORE = ("record_hash", "chosen_by", "parameters", "bars", "first_bar", "known_at", "recipe", "bars_read")


class Recorded(NamedTuple):
    """A forecast's row, with all that it was made by."""

    issued: Issued
    record_hash: str | None
    chosen_by: str
    parameters: dict[str, Any]
    bars: int
    first_bar: str
    known_at: datetime | None
    recipe: dict[str, Any] | None
    """None for forecasts of earlier versions."""
    bars_read: dict[str, Any] | None

    @property
    def series(self) -> SeriesId:
        """Which series it is about."""
        return SeriesId(self.issued.origin, self.issued.symbol, self.issued.interval)


class KeptBar(NamedTuple):
    """One version of a bar, and whether it is what was written down once."""

    revision: BarRevision
    is_sound: bool


def recorded_like(engine: Engine, prefix: str) -> list[Recorded]:
    """Return the forecasts whose id begins so, two at most."""
    return _recorded(engine, forecasts.c.forecast_id.startswith(prefix, autoescape=True), limit=2)


def recorded_all(engine: Engine, symbol: str | None = None) -> list[Recorded]:
    """Return every forecast, or every one of a symbol, in the order in which they were issued."""
    return _recorded(engine, *([] if symbol is None else [forecasts.c.symbol == symbol]))


def _recorded(engine: Engine, *chosen: Any, limit: int | None = None) -> list[Recorded]:
    facts = [forecasts.c[name] for name in Issued._fields]
    more = [forecasts.c[name] for name in _MORE]
    query = select(*facts, *more).where(*chosen).order_by(forecasts.c.issued_at, forecasts.c.forecast_id).limit(limit)
    with engine.connect() as connection:
        return [Recorded(_issued(Issued(*row[: len(facts)])), *row[len(facts) :]) for row in connection.execute(query)]


def _issued(facts: Issued) -> Issued:
    return facts._replace(origin=Origin(facts.origin), interval=Interval(facts.interval), place=facts.place or 0)


def kept_bars(engine: Engine, wanted: SeriesId, until: str) -> list[KeptBar]:
    """Return every version of every bar of a series up to a time."""
    chosen = [bars.c[name] == value for name, value in wanted._asdict().items()]
    query = select(bars).where(*chosen, bars.c.time <= until).order_by(bars.c.time, bars.c.revision)
    with engine.connect() as connection:
        return [_kept(wanted, row) for row in connection.execute(query).mappings()]


def _kept(wanted: SeriesId, row: Any) -> KeptBar:
    bar = Bar(*(row[name] for name in Bar._fields))
    told = row["checksum"]
    sound = told is None or told == checksum(bar.time, bar[1:])
    return KeptBar(BarRevision(*wanted, row["revision"], row["received_at"], bar), sound)


def workbench(engine: Engine, wanted: SeriesId, revisions: Iterable[BarRevision]) -> Engine:
    """Return a ledger in memory with these bars, and all that is known of the series' source and splits."""
    bench = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(bench, tables=[bars, splits, series])
    with engine.connect() as reading, bench.begin() as writing:
        insert_bars(writing, revisions)
        for table, names in ((splits, ("origin", "symbol")), (series, ("origin", "symbol", "interval"))):
            same = [table.c[name] == getattr(wanted, name) for name in names]
            rows = [dict(row) for row in reading.execute(select(table).where(*same)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
    return bench
