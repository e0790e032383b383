"""Where bars came from: which source a series belongs to, and which of its bars a person brought in from a file."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, delete, insert, select

from flows.core.bars import SeriesId
from flows.core.errors import OriginMixed
from flows.ledger.bars import insert_new
from flows.ledger.tables import imports
from flows.ledger.tables import series as sources
from flows.ledger.turns import take_turn


class Import(NamedTuple):
    """One file that bars came from."""

    file: str
    digest: str
    """SHA-256 of the file, in hexadecimal."""
    first_bar: str
    last_bar: str
    bars: int
    imported_at: datetime


def claim_series(engine: Engine, series: SeriesId, source: str) -> None:
    """Remember the source of a series; two sources never write the same one.

    Raises:
        OriginMixed: The ledger has this series from another source.
    """
    chosen = [sources.c[name] == value for name, value in series._asdict().items()]
    with engine.begin() as connection:
        connection.execute(insert_new(connection, sources), {**series._asdict(), "source": source})
        held = connection.execute(select(sources.c.source).where(*chosen)).scalar_one()
    if held != source:
        raise OriginMixed(
            f"{series.symbol}, fetch: the ledger has its {series.interval} bars from {held}, and this run would bring "
            f"them from {source}. Two sources in one history would look like corrections: give one of them a ledger of "
            "its own (LEDGER_URL)"
        )


def source_of(engine: Engine, series: SeriesId) -> str | None:
    """Return the source that a series comes from; None if only other programs have sent its bars."""
    chosen = [sources.c[name] == value for name, value in series._asdict().items()]
    with engine.connect() as connection:
        return connection.execute(select(sources.c.source).where(*chosen)).scalar()


def keep_import(engine: Engine, series: SeriesId, found: Import) -> None:
    """Store an import; the same file again replaces what is known of it."""
    key = {**series._asdict(), "digest": found.digest}
    with engine.begin() as connection:
        take_turn(connection, "import", found.digest)
        connection.execute(delete(imports).where(*(imports.c[name] == value for name, value in key.items())))
        connection.execute(insert(imports), {**series._asdict(), **found._asdict()})


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
