"""Forecasts: kept before anybody hears of them, scored when their close arrives."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.errors import NotDelivered
from flows.core.figures import Scored
from flows.core.forecast import Forecast
from flows.core.issued import Issued, Kept, issued
from flows.core.recipe import recipe_facts
from flows.ledger.tables import forecasts
from flows.ledger.turns import take_turn

CHAIN_ATTEMPTS = 20

_OF_RECORD = ("issued_at", "run_id", "given_now", "place", "previous", "record_hash")
"""What is the first issue's, whoever makes the same forecast again."""
_NUMBERS = ("point", "lower80", "upper80", "lower95", "upper95", "naive", "scale")
_FACTS = (
    "origin",
    "symbol",
    "interval",
    "as_of",
    "model",
    "chosen_by",
    "bars",
    "first_bar",
    "data_digest",
    "code_version",
)


def keep_forecast(
    engine: Engine, forecast: Forecast, encode: Callable[[Issued], bytes], *, once: bool = False
) -> Forecast:
    """Store a forecast once, as the next in its series' chain, and return it as it was first issued.

    Args:
        engine: The ledger.
        forecast: What was made.
        encode: How a forecast is written on its topic; the SHA-256 of that is the record's hash.
        once: Another forecast that was made after the same bar counts as this one: two streams may pay for one bar.
    """
    for _ in range(CHAIN_ATTEMPTS):
        try:
            with engine.begin() as connection:
                p = forecast.prediction
                take_turn(connection, "chain", p.origin, p.symbol, p.interval)
                return _first_issued(connection, forecast, once=once) or _append(connection, forecast, encode)
        except IntegrityError:
            # Another run has taken the place in the chain meanwhile, or has kept this very forecast.
            continue
    raise NotDelivered(
        f"{forecast.prediction.symbol}, record: other runs are recording forecasts of this symbol all the time. It is tried "
        "again"
    )


def _first_issued(connection: Connection, forecast: Forecast, *, once: bool) -> Forecast | None:
    p = forecast.prediction
    series = {"origin": p.origin, "symbol": p.symbol, "interval": p.interval, "as_of": p.as_of}
    same_bar = [forecasts.c[name] == value for name, value in series.items()]
    same = (
        [forecasts.c.forecast_id == forecast.forecast_id] if not once else [*same_bar, forecasts.c.place.is_not(None)]
    )
    columns = (forecasts.c[name] for name in _OF_RECORD)
    row = connection.execute(select(*columns).where(*same).order_by(forecasts.c.place).limit(1)).one_or_none()
    if row is None:
        return None
    given = row._asdict()
    return replace(forecast, **{**given, "place": given["place"] or 0, "record_hash": given["record_hash"] or ""})


def _append(connection: Connection, forecast: Forecast, encode: Callable[[Issued], bytes]) -> Forecast:
    p = forecast.prediction
    series = [forecasts.c.origin == p.origin, forecasts.c.symbol == p.symbol, forecasts.c.interval == p.interval]
    query = select(forecasts.c.place, forecasts.c.record_hash).where(*series, forecasts.c.place.is_not(None))
    last = connection.execute(query.order_by(forecasts.c.place.desc()).limit(1)).one_or_none()
    place, previous = (1, None) if last is None else (last.place + 1, last.record_hash)
    placed = replace(forecast, place=place, previous=previous)
    made = replace(placed, record_hash=hashlib.sha256(encode(issued(placed))).hexdigest())
    connection.execute(insert(forecasts), _row(made))
    return made


def _row(forecast: Forecast) -> dict[str, object]:
    p = forecast.prediction
    return {
        "forecast_id": forecast.forecast_id,
        "backfill": forecast.backfill,
        "target": p.target.label,
        "target_closes_at": p.target.closes_at,
        "parameters": dict(p.parameters),
        "contest": asdict(p.contest),
        "intervals": p.intervals,
        "interval_state": dict(p.interval_state),
        "more": [list(one) for one in p.more],
        "recipe": recipe_facts(p.recipe),
        "known_at": forecast.known_at,
        "bars_read": dict(forecast.bars_read) or None,
        **{name: getattr(forecast, name) for name in _OF_RECORD},
        **{name: getattr(p, name) for name in (*_FACTS, *_NUMBERS)},
    }


def kept_forecasts(engine: Engine, symbol: str | None = None) -> list[Kept]:
    """Return every forecast, or every one of a symbol, in the order of its chain."""
    chosen = [forecasts.c.symbol == symbol] if symbol is not None else []
    return _kept(engine, *chosen)


def unpublished(engine: Engine, series: SeriesId, place: int) -> list[Kept]:
    """Return the forecasts of a series up to a place in its chain whose records the topic has not confirmed."""
    chosen = [forecasts.c[name] == value for name, value in series._asdict().items()]
    return _kept(engine, *chosen, forecasts.c.place <= place, forecasts.c.topic_offset.is_(None))


def forecast_after(engine: Engine, series: SeriesId, as_of: str) -> Kept | None:
    """Return the first forecast that was made after this bar, or None."""
    chosen = [forecasts.c[name] == value for name, value in series._asdict().items()]
    return next(iter(_kept(engine, *chosen, forecasts.c.as_of == as_of, forecasts.c.place.is_not(None))), None)


def _kept(engine: Engine, *chosen: ColumnElement[bool]) -> list[Kept]:
    facts = [forecasts.c[name] for name in Issued._fields]
    names = ("record_hash", "cluster", "topic", "partition", "topic_offset")
    where = [forecasts.c[name] for name in names]
    # Databases differ in where they sort what has no place.
    place = func.coalesce(forecasts.c.place, 0)
    order = (forecasts.c.origin, forecasts.c.symbol, forecasts.c.interval, place, forecasts.c.issued_at)
    with engine.connect() as connection:
        rows = connection.execute(select(*facts, *where).where(*chosen).order_by(*order))
        return [Kept(_issued(row[: len(facts)]), *row[len(facts) :]) for row in rows]


def _issued(row: Sequence[Any]) -> Issued:
    facts = Issued(*row)
    return facts._replace(origin=Origin(facts.origin), interval=Interval(facts.interval), place=facts.place or 0)


def keep_place(engine: Engine, forecast_id: str, cluster: str, topic: str, partition: int, offset: int) -> None:
    """Store where on its topic a forecast stands; the first place stays."""
    place = {"cluster": cluster, "topic": topic, "partition": partition, "topic_offset": offset}
    chosen = (forecasts.c.forecast_id == forecast_id) & forecasts.c.topic_offset.is_(None)
    with engine.begin() as connection:
        connection.execute(update(forecasts).where(chosen).values(**place))


def series_forecast(engine: Engine, symbol: str | None = None) -> list[SeriesId]:
    """Return every series that has a forecast, or those of one symbol."""
    columns = (forecasts.c.origin, forecasts.c.symbol, forecasts.c.interval)
    chosen = [forecasts.c.symbol == symbol] if symbol is not None else []
    with engine.connect() as connection:
        rows = connection.execute(select(*columns).where(*chosen).distinct().order_by(*columns))
        return [SeriesId(Origin(row.origin), row.symbol, Interval(row.interval)) for row in rows]


def scored(engine: Engine, series: SeriesId, until: str) -> list[Scored]:
    """Return the counted forecasts whose target is no later than `until` and whose close has arrived, oldest first."""
    query = text(
        f"SELECT {', '.join(Scored._fields)} FROM scores WHERE origin = :origin AND symbol = :symbol "  # noqa: S608 - our own names
        "AND interval = :interval AND target <= :until ORDER BY target"
    )
    given = {**{name: str(value) for name, value in series._asdict().items()}, "until": until}
    with engine.connect() as connection:
        return [Scored(*row) for row in connection.execute(query, given)]
