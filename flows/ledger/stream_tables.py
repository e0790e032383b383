"""The ledger's tables about topics: how far each was read, and what is still to be done about it."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from flows.ledger.base import Instant, metadata

offsets = Table(
    "offsets",
    metadata,
    Column("reader", String(20), primary_key=True),
    Column("cluster", String(100), primary_key=True),
    Column("topic", String(250), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("topic_id", String(40), nullable=False),
    Column("next_offset", BigInteger, nullable=False),
)

heads = Table(
    "heads",
    metadata,
    Column("origin", String(10), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("interval", String(10), primary_key=True),
    Column("newest", String(25), nullable=False),
)
"""The newest bar of each series that the stream has seen."""

waiting = Table(
    "waiting",
    metadata,
    Column("origin", String(10), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("interval", String(10), primary_key=True),
    Column("time", String(25), primary_key=True),
)
"""The bars after which the stream has still to make a forecast."""

releases = Table(
    "releases",
    metadata,
    Column("cluster", String(100), primary_key=True),
    Column("topic", String(250), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("topic_offset", BigInteger, primary_key=True),
    Column("released_at", Instant, nullable=False),
)
"""The quarantine records that a person has sent again."""
