"""Which bars a person brought in from a file, so that every report that uses them can say so."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, select

from flows.core.bars import SeriesId
from flows.ledger.bars import insert_new
from flows.ledger.tables import imports


class Import(NamedTuple):
    """One file that bars came from."""

    file: str
    digest: str
    """SHA-256 of the file, in hexadecimal."""
    first_bar: str
    last_bar: str
    bars: int
    imported_at: datetime


def keep_import(engine: Engine, series: SeriesId, found: Import) -> None:
    """Store an import; the same file again changes nothing."""
    with engine.begin() as connection:
        connection.execute(insert_new(connection, imports), {**series._asdict(), **found._asdict()})


def imports_within(engine: Engine, series: SeriesId, first: str, last: str) -> list[Import]:
    """Return the imports that brought bars between two times, oldest first."""
    chosen = [imports.c[name] == value for name, value in series._asdict().items()]
    query = (
        select(*(imports.c[name] for name in Import._fields))
        .where(*chosen, imports.c.first_bar <= last, imports.c.last_bar >= first)
        .order_by(imports.c.imported_at)
    )
    with engine.connect() as connection:
        return [Import(*row) for row in connection.execute(query)]
