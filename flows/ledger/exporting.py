"""The ledger's tables and views as files that anybody can compute with."""

import csv
import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sqlalchemy import JSON, Boolean, Column, Engine, Float, MetaData, Table, select

from flows.core.errors import FixConfiguration
from flows.ledger import tables
from flows.ledger.base import Instant

BATCH = 50_000
"""Rows that are in memory at once."""
HIDDEN = ("heads", "waiting", "releases", "about")
"""Tables that hold no facts about prices, forecasts, mails or runs."""
VIEWS = ("scores", "all_scores")
Format = Literal["csv", "parquet"]


class Exported(NamedTuple):
    """One file that was written."""

    name: str
    file: Path
    rows: int


def export(
    engine: Engine,
    folder: Path,
    form: Format,
    symbol: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
    *,
    overwrite: bool = False,
) -> list[Exported]:
    """Write every table and view into a folder, one file each; a file is there whole or not at all.

    Args:
        engine: The ledger.
        folder: Made where it is missing.
        form: CSV has instants in ISO 8601, numbers to their last digit, and JSON as text; Parquet has them as types.
        symbol: Only rows about this symbol, in tables that know symbols.
        tell: Told each table's name before its turn.
        overwrite: Replace files that are there.

    Raises:
        FixConfiguration: A file is there already.
    """
    sources = {table.name: table for table in tables.metadata.sorted_tables if table.name not in HIDDEN}
    sources |= _views(engine)
    files = {name: folder / f"{name}.{form}" for name in sources}
    there = [file for file in files.values() if file.exists()]
    if there and not overwrite:
        raise FixConfiguration(f"export: {there[0]} is there already. Choose another folder, or say --overwrite")
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, table in sources.items():
        tell(name)
        made.append(Exported(name, files[name], _write(engine, table, files[name], form, symbol)))
    return made


def _views(engine: Engine) -> dict[str, Table]:
    """Return the views, their columns typed as the tables' of the same name."""
    known = {column.name: column.type for column in (*tables.forecasts.c, *tables.bars.c)}
    known |= {"actual": Float(), "error": Float(), "naive_error": Float(), "counts": Boolean()}
    known |= {"actual_received_at": Instant()}
    found = MetaData()
    made = {}
    for name in VIEWS:
        plain = Table(name, MetaData(), autoload_with=engine)
        made[name] = Table(name, found, *(Column(one.name, known.get(one.name, one.type)) for one in plain.c))
    return made


def _write(engine: Engine, table: Table, file: Path, form: Format, symbol: str | None) -> int:
    """Write one table; return how many rows it has."""
    partial = file.with_name(f".{file.name}.partial")
    try:
        write = _write_csv if form == "csv" else _write_parquet
        with closing(_batches(engine, table, symbol)) as batches:
            count = write(partial, table, batches)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _batches(engine: Engine, table: Table, symbol: str | None) -> Generator[Sequence[Mapping[str, Any]], None, None]:
    query = select(table)
    if symbol is not None and "symbol" in table.c:
        query = query.where(table.c.symbol == symbol)
    query = query.order_by(*(table.primary_key.columns or table.c))
    batched = engine.connect().execution_options(stream_results=True, yield_per=BATCH)
    with batched as connection, connection.execute(query) as found:
        for rows in found.mappings().partitions():
            yield [dict(row) for row in rows]


def _write_csv(file: Path, table: Table, batches: Iterator[Sequence[Mapping[str, Any]]]) -> int:
    count = 0
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(column.name for column in table.c)
        for rows in batches:
            writer.writerows([_text(column, row[column.name]) for column in table.c] for row in rows)
            count += len(rows)
    return count


def _text(column: Column[Any], value: object) -> str:
    """Return a value as CSV has it; an empty text stands for what is not known."""
    if isinstance(column.type, JSON):
        return "" if value is None else json.dumps(value, ensure_ascii=False)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def _write_parquet(file: Path, table: Table, batches: Iterator[Sequence[Mapping[str, Any]]]) -> int:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    schema, count = pa.schema([(column.name, _type(column)) for column in table.c]), 0
    with ParquetWriter(file, schema) as writer:
        for rows in batches:
            plain = [{column.name: _plain(column, row[column.name]) for column in table.c} for row in rows]
            writer.write_table(pa.Table.from_pylist(plain, schema=schema))
            count += len(rows)
    return count


def _plain(column: Column[Any], value: object) -> object:
    return _text(column, value) if isinstance(column.type, JSON) and value is not None else value


def _type(column: Column[Any]) -> Any:
    """Return what a column is in Parquet, whatever stands in it."""
    import pyarrow as pa

    if isinstance(column.type, Instant):
        return pa.timestamp("us", tz="UTC")
    if isinstance(column.type, JSON):
        return pa.string()
    kinds = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
    return kinds[column.type.python_type]
