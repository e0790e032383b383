"""The ledger's table of splits."""

from sqlalchemy import Column, Float, String, Table

from flows.ledger.base import Instant, metadata

splits = Table(
    "splits",
    metadata,
    Column("origin", String(10), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("effective", String(10), primary_key=True),
    Column("factor", Float, nullable=False),
    Column("by", String(10), nullable=False),
    Column("received_at", Instant, nullable=False),
)
"""What is known of splits; a factor of 1 says that the price really moved on that day."""
