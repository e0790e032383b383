"""The first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from flows.ledger.tables import Instant

revision = "0001"
down_revision = None

SCORES = """
CREATE VIEW scores AS
SELECT f.forecast_id, f.origin, f.symbol, f.interval, f.as_of, f.target, f.issued_at, f.model, f.point, f.naive,
       f.lower80, f.upper80, f.lower95, f.upper95, b.close AS actual, b.revision,
       f.point - b.close AS error, f.naive - b.close AS naive_error
FROM (
    SELECT forecasts.*, ROW_NUMBER() OVER (
        PARTITION BY origin, symbol, interval, target ORDER BY issued_at, forecast_id
    ) AS place
    FROM forecasts
    WHERE NOT backfill AND issued_at < target_closes_at
) AS f
JOIN bars AS b
  ON b.origin = f.origin AND b.symbol = f.symbol AND b.interval = f.interval AND b.time = f.target
WHERE f.place = 1
  AND b.revision = (
    SELECT MAX(l.revision) FROM bars AS l
    WHERE l.origin = b.origin AND l.symbol = b.symbol AND l.interval = b.interval AND l.time = b.time
  )
"""


def upgrade() -> None:
    """Create every table and the view."""
    _about()
    _bars()
    _forecasts()
    _offsets()
    _outbox()
    _requests()
    _runs()
    _outbox_items()
    _outcomes()
    op.execute(SCORES)


def _about() -> None:
    op.create_table(
        "about",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _bars() -> None:
    op.create_table(
        "bars",
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("symbol", sa.String(length=30), nullable=False),
        sa.Column("interval", sa.String(length=10), nullable=False),
        sa.Column("time", sa.String(length=25), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("open", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("close", sa.Float(), nullable=False),
        sa.Column("volume", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "symbol", "interval", "time", "revision"),
    )


def _forecasts() -> None:
    op.create_table(
        "forecasts",
        sa.Column("forecast_id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("symbol", sa.String(length=30), nullable=False),
        sa.Column("interval", sa.String(length=10), nullable=False),
        sa.Column("as_of", sa.String(length=25), nullable=False),
        sa.Column("target", sa.String(length=25), nullable=False),
        sa.Column("target_closes_at", Instant(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("backfill", sa.Boolean(), nullable=False),
        sa.Column("point", sa.Float(), nullable=False),
        sa.Column("lower80", sa.Float(), nullable=False),
        sa.Column("upper80", sa.Float(), nullable=False),
        sa.Column("lower95", sa.Float(), nullable=False),
        sa.Column("upper95", sa.Float(), nullable=False),
        sa.Column("naive", sa.Float(), nullable=False),
        sa.Column("model", sa.String(length=30), nullable=False),
        sa.Column("chosen_by", sa.String(length=10), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("contest", sa.JSON(), nullable=False),
        sa.Column("bars", sa.Integer(), nullable=False),
        sa.Column("first_bar", sa.String(length=25), nullable=False),
        sa.Column("data_digest", sa.String(length=64), nullable=False),
        sa.Column("code_version", sa.String(length=60), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("cluster", sa.String(length=100), nullable=True),
        sa.Column("topic", sa.String(length=250), nullable=True),
        sa.Column("partition", sa.Integer(), nullable=True),
        sa.Column("topic_offset", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("forecast_id"),
    )
    op.create_index(
        "forecasts_by_target",
        "forecasts",
        ["origin", "symbol", "interval", "target"],
        unique=False,
    )


def _offsets() -> None:
    op.create_table(
        "offsets",
        sa.Column("cluster", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=250), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cluster", "topic", "partition"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("interval", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("flow", sa.String(length=40), nullable=False),
        sa.Column("now", Instant(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )


def _outbox_items() -> None:
    op.create_table(
        "outbox_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("interval", sa.String(length=10), nullable=False),
        sa.Column("symbol", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("session", sa.String(length=25), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key"],
            ["outbox.key"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "recipients",
            "origin",
            "interval",
            "symbol",
            "kind",
            "session",
            "attempt",
            name="mailed_once",
        ),
    )


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("symbol", sa.String(length=30), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("interval", sa.String(length=10), nullable=False),
        sa.Column("due", sa.String(length=25), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("forecast_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["forecast_id"],
            ["forecasts.forecast_id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.run_id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "symbol"),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP VIEW scores")
    op.drop_table("outcomes")
    op.drop_table("outbox_items")
    op.drop_table("runs")
    op.drop_table("requests")
    op.drop_table("outbox")
    op.drop_table("offsets")
    op.drop_table("forecasts")
    op.drop_table("bars")
    op.drop_table("about")
