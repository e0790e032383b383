"""Forecasts: kept before anybody hears of them, scored when their close arrives."""

from dataclasses import asdict, replace

from sqlalchemy import Engine, select, text, update

from flows.core.bars import SeriesId
from flows.core.forecast import Forecast
from flows.core.skill import Scored
from flows.ledger.bars import insert_new
from flows.ledger.tables import forecasts

_NUMBERS = ("point", "lower80", "upper80", "lower95", "upper95", "naive")
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


def keep_forecast(engine: Engine, forecast: Forecast) -> Forecast:
    """Store a forecast once, and return it as it was first issued."""
    with engine.begin() as connection:
        connection.execute(insert_new(connection, forecasts), _row(forecast))
        query = select(forecasts.c.issued_at, forecasts.c.run_id)
        first = connection.execute(query.where(forecasts.c.forecast_id == forecast.forecast_id)).one()
    return replace(forecast, issued_at=first.issued_at, run_id=first.run_id)


def _row(forecast: Forecast) -> dict[str, object]:
    p = forecast.prediction
    return {
        "forecast_id": forecast.forecast_id,
        "issued_at": forecast.issued_at,
        "backfill": forecast.backfill,
        "run_id": forecast.run_id,
        "target": p.target.label,
        "target_closes_at": p.target.closes_at,
        "parameters": dict(p.parameters),
        "contest": asdict(p.contest),
        **{name: getattr(p, name) for name in (*_FACTS, *_NUMBERS)},
    }


def is_published(engine: Engine, forecast_id: str) -> bool:
    """Say whether a forecast's place on its topic is known."""
    query = select(forecasts.c.topic_offset).where(forecasts.c.forecast_id == forecast_id)
    with engine.connect() as connection:
        return connection.execute(query).scalar() is not None


def keep_place(engine: Engine, forecast_id: str, topic: str, partition: int, offset: int) -> None:
    """Store where on its topic a forecast stands."""
    place = {"topic": topic, "partition": partition, "topic_offset": offset}
    with engine.begin() as connection:
        connection.execute(update(forecasts).where(forecasts.c.forecast_id == forecast_id).values(**place))


def scored(engine: Engine, series: SeriesId, until: str) -> list[Scored]:
    """Return the counted forecasts whose target is no later than `until` and whose close has arrived, oldest first."""
    query = text(
        f"SELECT {', '.join(Scored._fields)} FROM scores WHERE origin = :origin AND symbol = :symbol "  # noqa: S608 - our own names
        "AND interval = :interval AND target <= :until ORDER BY target"
    )
    given = {**{name: str(value) for name, value in series._asdict().items()}, "until": until}
    with engine.connect() as connection:
        return [Scored(*row) for row in connection.execute(query, given)]
