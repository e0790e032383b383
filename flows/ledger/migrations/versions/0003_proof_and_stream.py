"""Forecasts in a chain of hashes, mails with a digest, and what the stream and the quarantine remember.

Revision ID: 0003
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from flows.ledger.tables import Instant

revision = "0003"
down_revision = "0002"

SERIES = (("origin", 10), ("symbol", 30), ("interval", 10))


def upgrade() -> None:
    """Create the tables and columns."""
    _offsets(with_reader=True)
    op.create_table("heads", *_series(), sa.Column("newest", sa.String(25), nullable=False))
    op.create_table("waiting", *_series(), sa.Column("time", sa.String(25), primary_key=True))
    op.create_table(
        "releases",
        sa.Column("cluster", sa.String(100), primary_key=True),
        sa.Column("topic", sa.String(250), primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("topic_offset", sa.BigInteger, primary_key=True),
        sa.Column("released_at", Instant, nullable=False),
    )
    op.add_column("outbox", sa.Column("content", sa.String(64)))
    op.execute("DROP VIEW scores")
    op.add_column("forecasts", sa.Column("given_now", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("forecasts", sa.Column("place", sa.Integer))
    op.add_column("forecasts", sa.Column("previous", sa.String(64)))
    op.add_column("forecasts", sa.Column("record_hash", sa.String(64)))
    # Whoever adds a forecast without a place later on is found by this count.
    op.execute("INSERT INTO about (name, value) SELECT 'unchained', CAST(COUNT(*) AS VARCHAR(20)) FROM forecasts")
    op.create_index("one_chain", "forecasts", ["origin", "symbol", "interval", "place"], unique=True)
    # The view's own column of this name would be another one now.
    op.execute(_scores().replace(") AS place", ") AS turn").replace("f.place = 1", "f.turn = 1"))


def downgrade() -> None:
    """Take them away."""
    op.execute("DROP VIEW scores")
    op.execute("DELETE FROM about WHERE name = 'unchained'")
    op.drop_index("one_chain", "forecasts")
    for name in ("given_now", "place", "previous", "record_hash"):
        op.drop_column("forecasts", name)
    op.execute(_scores())
    op.drop_column("outbox", "content")
    for name in ("releases", "waiting", "heads"):
        op.drop_table(name)
    _offsets(with_reader=False)


def _series() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), primary_key=True) for name, length in SERIES]


def _scores() -> str:
    return str(import_module("flows.ledger.migrations.versions.0002_imports").SCORES)


def _offsets(*, with_reader: bool) -> None:
    """Make the table of offsets anew: each reader of a topic has its own; what was read so far was read by the ledger."""
    reader = [sa.Column("reader", sa.String(20), primary_key=True)] if with_reader else []
    topic_id = [sa.Column("topic_id", sa.String(40), nullable=False)] if with_reader else []
    op.rename_table("offsets", "offsets_before")
    op.create_table(
        "offsets",
        *reader,
        sa.Column("cluster", sa.String(100), primary_key=True),
        sa.Column("topic", sa.String(250), primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        *topic_id,
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )
    shared = "cluster, topic, partition, next_offset"
    if with_reader:
        op.execute(
            f"INSERT INTO offsets (reader, topic_id, {shared}) SELECT 'ledger', '', {shared} FROM offsets_before"  # noqa: S608
        )
    else:
        op.execute(f"INSERT INTO offsets ({shared}) SELECT {shared} FROM offsets_before WHERE reader = 'ledger'")  # noqa: S608
    op.drop_table("offsets_before")
