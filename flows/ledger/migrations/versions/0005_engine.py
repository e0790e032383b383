"""Winners on record, how the intervals of a forecast were made, and scores of the first forecast in the chain.

Revision ID: 0005
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from flows.ledger.tables import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table and the columns."""
    op.create_table(
        "winners",
        sa.Column("origin", sa.String(10), primary_key=True),
        sa.Column("symbol", sa.String(30), primary_key=True),
        sa.Column("interval", sa.String(10), primary_key=True),
        sa.Column("as_of", sa.String(25), primary_key=True),
        sa.Column("model", sa.String(30), nullable=False),
        sa.Column("contest", sa.JSON, nullable=False),
        sa.Column("evaluated_at", Instant, primary_key=True),
        sa.Column("code_version", sa.String(60), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
    )
    op.add_column("forecasts", sa.Column("intervals", sa.String(20)))
    op.add_column("forecasts", sa.Column("interval_state", sa.JSON))
    op.add_column("forecasts", sa.Column("more", sa.JSON))
    # Of forecasts that were issued at the same instant the first in the chain counts, which was mailed; not the lowest hash.
    op.execute("DROP VIEW scores")
    op.execute(view())


def downgrade() -> None:
    """Take them away."""
    op.execute("DROP VIEW scores")
    for name in ("more", "interval_state", "intervals"):
        op.drop_column("forecasts", name)
    op.drop_table("winners")
    op.execute(_view())


def view() -> str:
    """Return the view of this version."""
    return _view().replace("ORDER BY issued_at, forecast_id", "ORDER BY issued_at, COALESCE(place, 0), forecast_id")


def _view() -> str:
    """Return the view of version 0004."""
    return str(import_module("flows.ledger.migrations.versions.0004_splits").view())
