"""The ledger's tables of runs: how each ended, for which symbol, and what a day's requests cost."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table

from flows.ledger.base import Instant, Prose, metadata

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(36), primary_key=True),
    Column("flow", String(40), nullable=False),
    Column("now", Instant, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("message", Prose, nullable=False),
    Column("origin", String(10)),
    Column("interval", String(10)),
    Column("symbols", JSON),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("scheduled_for", Instant),
    Column("deployment", String(40)),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("run_id", String(36), ForeignKey("runs.run_id"), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("origin", String(10), nullable=False),
    Column("interval", String(10), nullable=False),
    Column("due", String(25), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("step", String(20)),
    Column("reason", Prose),
    Column("forecast_id", String(64), ForeignKey("forecasts.forecast_id")),
    Column("ended", String(20)),
)

requests = Table(
    "requests",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("used", Integer, nullable=False),
)
