"""Which source a series comes from, and which bars came from a person's file.

Revision ID: 0002
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from flows.ledger.tables import Instant

revision = "0002"
down_revision = "0001"

# Adjusted prices change with every dividend: a forecast is scored by the bar as first received, put back on the scale of
# the as-of close that it was made after. Plain prices are scored by their newest correction.
SCORES = """
CREATE VIEW scores AS
SELECT p.*, p.point - p.actual AS error, p.naive - p.actual AS naive_error
FROM (
    SELECT f.forecast_id, f.origin, f.symbol, f.interval, f.as_of, f.target, f.issued_at, f.model, f.point, f.naive,
           f.lower80, f.upper80, f.lower95, f.upper95, b.revision,
           CASE WHEN s.source = 'alpha-vantage, adjusted' THEN b.close * f.naive / (
             SELECT a.close FROM bars AS a
             WHERE a.origin = b.origin AND a.symbol = b.symbol AND a.interval = b.interval AND a.time = f.as_of
               AND a.received_at <= b.received_at
             ORDER BY a.revision DESC LIMIT 1
           ) ELSE b.close END AS actual
    FROM (
        SELECT forecasts.*, ROW_NUMBER() OVER (
            PARTITION BY origin, symbol, interval, target ORDER BY issued_at, forecast_id
        ) AS place
        FROM forecasts
        WHERE NOT backfill AND issued_at < target_closes_at
    ) AS f
    JOIN bars AS b
      ON b.origin = f.origin AND b.symbol = f.symbol AND b.interval = f.interval AND b.time = f.target
    LEFT JOIN series AS s
      ON s.origin = f.origin AND s.symbol = f.symbol AND s.interval = f.interval
    WHERE f.place = 1
      AND b.revision = (
        SELECT CASE WHEN s.source = 'alpha-vantage, adjusted' THEN MIN(l.revision) ELSE MAX(l.revision) END
        FROM bars AS l
        WHERE l.origin = b.origin AND l.symbol = b.symbol AND l.interval = b.interval AND l.time = b.time
      )
) AS p
"""


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "series",
        sa.Column("origin", sa.String(10), primary_key=True),
        sa.Column("symbol", sa.String(30), primary_key=True),
        sa.Column("interval", sa.String(10), primary_key=True),
        sa.Column("source", sa.String(40), nullable=False),
    )
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
    op.execute("DROP VIEW scores")
    op.execute(SCORES)


def downgrade() -> None:
    """Take the tables away."""
    op.execute("DROP VIEW scores")
    op.execute(import_module("flows.ledger.migrations.versions.0001_first_tables").SCORES)
    op.drop_table("series")
    op.drop_table("imports")
