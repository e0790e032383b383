"""Which quarantine records a person has sent again."""

from datetime import datetime

from sqlalchemy import Engine, select

from flows.ledger.bars import insert_new
from flows.ledger.tables import releases

Place = tuple[str, str, int, int]
"""Cluster, topic, partition and offset of a quarantine record."""


def released(engine: Engine) -> dict[Place, datetime]:
    """Return when each quarantine record was sent again."""
    columns = (releases.c.cluster, releases.c.topic, releases.c.partition, releases.c.topic_offset)
    with engine.connect() as connection:
        rows = connection.execute(select(*columns, releases.c.released_at))
        return {(row.cluster, row.topic, row.partition, row.topic_offset): row.released_at for row in rows}


def keep_release(engine: Engine, place: Place, released_at: datetime) -> None:
    """Remember that a quarantine record was sent again."""
    names = ("cluster", "topic", "partition", "topic_offset")
    row = {**dict(zip(names, place, strict=True)), "released_at": released_at}
    with engine.begin() as connection:
        connection.execute(insert_new(connection, releases), row)
