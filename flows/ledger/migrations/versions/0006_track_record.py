"""What a record needs that nobody can argue with: how a forecast was made, every score, every slot, and a check of each bar.

Revision ID: 0006
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from flows.ledger.tables import Instant

revision = "0006"
down_revision = "0005"

# Each counted forecast beside every version of the close that came; `counts` marks the version that the record goes by.
# Adjusted prices change with every dividend: the bar as first received counts, put back on the scale of the as-of close
# that the forecast was made after. Plain prices count in their newest correction. A forecast that was made before a split
# for a close after it was made in old units; two splits at once are one in a million, no forecast is scored across three.
ALL_SCORES = """
CREATE VIEW all_scores AS
SELECT p.*, p.point - p.actual AS error, p.naive - p.actual AS naive_error
FROM (
    SELECT f.forecast_id, f.origin, f.symbol, f.interval, f.as_of, f.target, f.issued_at, f.model, f.point, f.naive,
           f.lower80, f.upper80, f.lower95, f.upper95, f.scale, f.code_version, b.revision,
           b.received_at AS actual_received_at,
           CASE WHEN s.source = 'alpha-vantage, adjusted' THEN b.close * f.naive / (
             SELECT a.close FROM bars AS a
             WHERE a.origin = b.origin AND a.symbol = b.symbol AND a.interval = b.interval AND a.time = f.as_of
               AND a.received_at <= b.received_at
             ORDER BY a.revision DESC LIMIT 1
           ) ELSE b.close * (
             SELECT CASE COUNT(*) WHEN 0 THEN 1.0 WHEN 1 THEN MAX(c.factor) WHEN 2 THEN MAX(c.factor) * MIN(c.factor) END
             FROM placed_splits AS c
             WHERE c.origin = f.origin AND c.symbol = f.symbol AND c.interval = f.interval
               AND c.time > f.as_of AND c.time <= f.target
           ) END AS actual,
           b.revision = (
             SELECT CASE WHEN s.source = 'alpha-vantage, adjusted' THEN MIN(l.revision) ELSE MAX(l.revision) END
             FROM bars AS l
             WHERE l.origin = b.origin AND l.symbol = b.symbol AND l.interval = b.interval AND l.time = b.time
           ) AS counts
    FROM (
        SELECT forecasts.*, ROW_NUMBER() OVER (
            PARTITION BY origin, symbol, interval, target ORDER BY issued_at, COALESCE(place, 0), forecast_id
        ) AS turn
        FROM forecasts
        WHERE NOT backfill AND issued_at < target_closes_at
    ) AS f
    JOIN bars AS b
      ON b.origin = f.origin AND b.symbol = f.symbol AND b.interval = f.interval AND b.time = f.target
    LEFT JOIN series AS s
      ON s.origin = f.origin AND s.symbol = f.symbol AND s.interval = f.interval
    WHERE f.turn = 1
) AS p
WHERE p.actual IS NOT NULL
"""
SCORES = """
CREATE VIEW scores AS
SELECT forecast_id, origin, symbol, interval, as_of, target, issued_at, model, point, naive, lower80, upper80, lower95,
       upper95, scale, code_version, revision, actual_received_at, actual, error, naive_error
FROM all_scores
WHERE counts
"""
COLUMNS = (
    ("forecasts", "scale", sa.Float),
    ("forecasts", "recipe", sa.JSON),
    ("forecasts", "known_at", Instant),
    ("forecasts", "bars_read", sa.JSON),
    ("bars", "checksum", sa.BigInteger),
    ("runs", "origin", sa.String(10)),
    ("runs", "interval", sa.String(10)),
    ("runs", "symbols", sa.JSON),
    ("runs", "started_at", Instant),
    ("runs", "ended_at", Instant),
    ("runs", "scheduled_for", Instant),
    ("runs", "deployment", sa.String(40)),
    ("outcomes", "ended", sa.String(20)),
)


def upgrade() -> None:
    """Add the columns, and the views anew."""
    op.execute("DROP VIEW scores")
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind))
    op.execute(ALL_SCORES)
    op.execute(SCORES)


def downgrade() -> None:
    """Take them away."""
    op.execute("DROP VIEW scores")
    op.execute("DROP VIEW all_scores")
    for table, name, _ in COLUMNS:
        op.drop_column(table, name)
    op.execute(str(import_module("flows.ledger.migrations.versions.0005_engine").view()))
