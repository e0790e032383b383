"""The ledger's table of contests on record."""

from sqlalchemy import JSON, Column, String, Table

from flows.ledger.base import Instant, metadata

winners = Table(
    "winners",
    metadata,
    Column("origin", String(10), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("interval", String(10), primary_key=True),
    Column("as_of", String(25), primary_key=True),
    Column("model", String(30), nullable=False),
    Column("contest", JSON, nullable=False),
    Column("evaluated_at", Instant, primary_key=True),
    Column("code_version", String(60), nullable=False),
    Column("run_id", String(36), nullable=False),
)
"""The model that won the whole comparison of a series, by the newest bar that it was held with."""
