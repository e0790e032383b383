"""The ledger's tables of splits: what was told of them, and which bars show them."""

from sqlalchemy import Column, Float, String, Table

from flows.ledger.base import Instant, metadata

splits = Table(
    "splits",
    metadata,
    Column("origin", String(10), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("effective", String(10), primary_key=True),
    Column("by", String(10), primary_key=True),
    Column("received_at", Instant, primary_key=True),
    Column("factor", Float, nullable=False),
)
"""Every word about a split that changed what is known; a factor of 1 says that the price really moved on that day."""

placed_splits = Table(
    "placed_splits",
    metadata,
    Column("origin", String(10), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("interval", String(10), primary_key=True),
    Column("time", String(25), primary_key=True),
    Column("factor", Float, nullable=False),
)
"""What the bars of a series show of splits: the time of each first bar in new units, and by how much it is."""
