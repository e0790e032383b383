"""Which bars came from a person's file.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from flows.ledger.tables import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of imports."""
    op.create_table(
        "imports",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("origin", sa.String(10), primary_key=True),
        sa.Column("symbol", sa.String(30), primary_key=True),
        sa.Column("interval", sa.String(10), primary_key=True),
        sa.Column("file", sa.String(250), nullable=False),
        sa.Column("first_bar", sa.String(25), nullable=False),
        sa.Column("last_bar", sa.String(25), nullable=False),
        sa.Column("bars", sa.Integer, nullable=False),
        sa.Column("imported_at", Instant, nullable=False),
    )


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("imports")
