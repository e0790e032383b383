"""The ledger's tables. A change here needs a migration beside it; a test compares the two."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from flows.ledger.base import Instant, Prose, metadata
from flows.ledger.run_tables import outcomes, requests, runs
from flows.ledger.split_tables import placed_splits, splits
from flows.ledger.stream_tables import heads, offsets, releases, waiting
from flows.ledger.winner_tables import winners

__all__ = [
    "Instant",
    "about",
    "bars",
    "forecasts",
    "heads",
    "imports",
    "metadata",
    "offsets",
    "outbox",
    "outbox_items",
    "outcomes",
    "placed_splits",
    "releases",
    "requests",
    "runs",
    "series",
    "splits",
    "waiting",
    "winners",
]

about = Table(
    "about",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

bars = Table(
    "bars",
    metadata,
    Column("origin", String(10), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("interval", String(10), primary_key=True),
    Column("time", String(25), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("received_at", Instant, nullable=False),
    Column("open", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("low", Float, nullable=False),
    Column("close", Float, nullable=False),
    Column("volume", Float, nullable=False),
    Column("checksum", BigInteger),
)

forecasts = Table(
    "forecasts",
    metadata,
    Column("forecast_id", String(64), primary_key=True),
    Column("origin", String(10), nullable=False),
    Column("symbol", String(30), nullable=False),
    Column("interval", String(10), nullable=False),
    Column("as_of", String(25), nullable=False),
    Column("target", String(25), nullable=False),
    Column("target_closes_at", Instant, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("point", Float, nullable=False),
    Column("lower80", Float, nullable=False),
    Column("upper80", Float, nullable=False),
    Column("lower95", Float, nullable=False),
    Column("upper95", Float, nullable=False),
    Column("naive", Float, nullable=False),
    Column("model", String(30), nullable=False),
    Column("chosen_by", String(10), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("contest", JSON, nullable=False),
    Column("bars", Integer, nullable=False),
    Column("first_bar", String(25), nullable=False),
    Column("data_digest", String(64), nullable=False),
    Column("code_version", String(60), nullable=False),
    Column("run_id", String(36), nullable=False),
    Column("cluster", String(100)),
    Column("topic", String(250)),
    Column("partition", Integer),
    Column("topic_offset", BigInteger),
    Column("given_now", Boolean, nullable=False, server_default=false()),
    Column("place", Integer),
    Column("previous", String(64)),
    Column("record_hash", String(64)),
    Column("intervals", String(20)),
    Column("interval_state", JSON),
    Column("more", JSON),
    Column("scale", Float),
    Column("recipe", JSON),
    Column("known_at", Instant),
    Column("bars_read", JSON),
    Index("one_chain", "origin", "symbol", "interval", "place", unique=True),
    Index("forecasts_by_target", "origin", "symbol", "interval", "target"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("recipients", Text, nullable=False),
    Column("origin", String(10), nullable=False),
    Column("interval", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("message_id", String(120), nullable=False),
    Column("subject", Prose, nullable=False),
    Column("run_id", String(36), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("content", String(64)),
)

outbox_items = Table(
    "outbox_items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), ForeignKey("outbox.key"), nullable=False),
    Column("recipients", Text, nullable=False),
    Column("origin", String(10), nullable=False),
    Column("interval", String(10), nullable=False),
    Column("symbol", String(30), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("session", String(25), nullable=False),
    Column("attempt", Integer, nullable=False),
    UniqueConstraint("recipients", "origin", "interval", "symbol", "kind", "session", "attempt", name="mailed_once"),
)

series = Table(
    "series",
    metadata,
    Column("origin", String(10), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("interval", String(10), primary_key=True),
    Column("source", String(40), nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("origin", String(10), primary_key=True),
    Column("symbol", String(30), primary_key=True),
    Column("interval", String(10), primary_key=True),
    Column("file", String(250), nullable=False),
    Column("first_bar", String(25), nullable=False),
    Column("last_bar", String(25), nullable=False),
    Column("bars", Integer, nullable=False),
    Column("imported_at", Instant, nullable=False),
)
