"""Winners on record, and how the intervals of a forecast were made.

Revision ID: 0005
"""

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
        sa.Column("evaluated_at", Instant, nullable=False),
        sa.Column("code_version", sa.String(60), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
    )
    op.add_column("forecasts", sa.Column("intervals", sa.String(20)))
    op.add_column("forecasts", sa.Column("interval_state", sa.JSON))
    op.add_column("forecasts", sa.Column("more", sa.JSON))


def downgrade() -> None:
    """Take them away."""
    for name in ("more", "interval_state", "intervals"):
        op.drop_column("forecasts", name)
    op.drop_table("winners")
