"""Splits, and scores that know of them.

Revision ID: 0004
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from flows.ledger.tables import Instant

revision = "0004"
down_revision = "0003"

# A forecast that was made before a split for a close after it was made in old units: so many new shares were one then.
# What somebody told of a split may be dated otherwise, told twice or wrong: what counts is which bars show it, in units of
# which the actual is. Two splits at once are one in a million; no forecast is scored across three.
FACTOR = """
             SELECT CASE COUNT(*) WHEN 0 THEN 1.0 WHEN 1 THEN MAX(c.factor) WHEN 2 THEN MAX(c.factor) * MIN(c.factor) END
             FROM placed_splits AS c
             WHERE c.origin = f.origin AND c.symbol = f.symbol AND c.interval = f.interval
               AND c.time > f.as_of AND c.time <= f.target
"""


def upgrade() -> None:
    """Create the tables, and the view anew."""
    op.create_table(
        "splits",
        sa.Column("origin", sa.String(10), primary_key=True),
        sa.Column("symbol", sa.String(30), primary_key=True),
        sa.Column("effective", sa.String(10), primary_key=True),
        sa.Column("by", sa.String(10), primary_key=True),
        sa.Column("received_at", Instant, primary_key=True),
        sa.Column("factor", sa.Float, nullable=False),
    )
    op.create_table(
        "placed_splits",
        sa.Column("origin", sa.String(10), primary_key=True),
        sa.Column("symbol", sa.String(30), primary_key=True),
        sa.Column("interval", sa.String(10), primary_key=True),
        sa.Column("time", sa.String(25), primary_key=True),
        sa.Column("factor", sa.Float, nullable=False),
    )
    op.execute("DROP VIEW scores")
    op.execute(view())


def downgrade() -> None:
    """Take them away."""
    op.execute("DROP VIEW scores")
    op.execute(_scores())
    for name in ("placed_splits", "splits"):
        op.drop_table(name)


def view() -> str:
    """Return the view of this version."""
    # Adjusted prices are put back on the forecast's scale by their as-of close, splits included.
    scores = _scores().replace("ELSE b.close END AS actual", f"ELSE b.close * ({FACTOR}) END AS actual")
    return f"{scores}WHERE p.actual IS NOT NULL\n"


def _scores() -> str:
    """Return the view of version 0003."""
    before = str(import_module("flows.ledger.migrations.versions.0002_imports").SCORES)
    return before.replace(") AS place", ") AS turn").replace("f.place = 1", "f.turn = 1")
