"""Moving a whole ledger into another database: all of it, compared, or nothing."""

import hashlib
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import JSON, Column, Connection, Engine, MetaData, RowMapping, Table, func, insert, select, text

from flows.core.errors import FixConfiguration, LedgerFailed
from flows.ledger import tables

BATCH = 5_000
TRIVIAL = "about"
"""What opening a ledger writes by itself."""


def move(source: Engine, target: Engine, tell: Callable[[str, int], None] = lambda *_: None) -> dict[str, int]:
    """Copy every row into an empty ledger, within one transaction; return how many rows each table has.

    Args:
        source: The ledger so far, which stays as it is.
        target: An opened ledger without rows.
        tell: Told each table's name and how many of its rows are copied.

    Raises:
        FixConfiguration: The target holds something, or is the source.
        LedgerFailed: What arrived differs from what was sent; nothing is kept.
    """
    if source.url == target.url:
        raise FixConfiguration("configure: LEDGER_URL names the ledger that is in use already. Nothing was moved")
    # Nobody writes to the source meanwhile: SQLite is locked, PostgreSQL shows one moment of it.
    with _one_moment(source) as reading, target.begin() as writing:
        _require_empty(writing)
        counts = {table.name: _copy(reading, writing, table, tell) for table in tables.metadata.sorted_tables}
        _go_on_counting(writing)
        different = [name for name in counts if _digest(reading, name) != _digest(writing, name)]
        if different:
            raise LedgerFailed(
                f"configure: the rows of {', '.join(different)} arrived differently in the new ledger; nothing was kept there, and "
                "the old one is in use as before. Please report this"
            )
    return counts


def _one_moment(source: Engine) -> Connection:
    options = {} if source.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    return source.connect().execution_options(**options)


def _require_empty(writing: Connection) -> None:
    held = [
        table.name
        for table in tables.metadata.sorted_tables
        if table.name != TRIVIAL and writing.execute(select(func.count()).select_from(table)).scalar_one()
    ]
    if held:
        raise FixConfiguration(
            f"configure: the ledger that LEDGER_URL names is not empty ({', '.join(held[:3])} hold rows). Name an empty database; "
            "nothing was moved"
        )
    writing.execute(tables.about.delete())


def _copy(reading: Connection, writing: Connection, table: Table, tell: Callable[[str, int], None]) -> int:
    count, statement = 0, insert(_exact(table))
    for rows in _batches(reading, table):
        writing.execute(statement, [dict(row) for row in rows])
        count += len(rows)
        tell(table.name, count)
    return count


def _exact(table: Table) -> Table:
    """Return a table that tells "nothing is known" from the JSON value null."""
    return Table(
        table.name,
        MetaData(),
        *(Column(c.name, JSON(none_as_null=True) if isinstance(c.type, JSON) else c.type) for c in table.c),
    )


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[RowMapping]]:
    query = select(_exact(table)).order_by(*(_exact(table).c[column.name] for column in table.primary_key.columns))
    yield from connection.execution_options(yield_per=BATCH).execute(query).mappings().partitions()


def _go_on_counting(writing: Connection) -> None:
    """Let a database that counts rows itself go on behind those that were copied with their numbers."""
    if writing.dialect.name == "postgresql":
        writing.execute(
            text("SELECT setval(pg_get_serial_sequence('outbox_items', 'id'), GREATEST(MAX(id), 1)) FROM outbox_items")
        )


def _digest(connection: Connection, name: str) -> str:
    """Return a SHA-256 over every value of a table, whatever database it is in and however that sorts text."""
    table, lines = tables.metadata.tables[name], 0
    for rows in _batches(connection, table):
        for row in rows:
            digest = hashlib.sha256(repr([row[column.name] for column in table.c]).encode()).digest()
            lines = (lines + int.from_bytes(digest)) % 2**256
    return f"{lines:064x}"
