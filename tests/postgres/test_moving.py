"""Tests of moving a whole ledger into another database."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text

from flows.core.bars import Origin
from flows.core.connections import LedgerConnection
from flows.core.errors import FixConfiguration, LedgerFailed
from flows.ledger import moving, tables
from flows.ledger.moving import move
from flows.ledger.slots import slots_of
from flows.ledger.store import ledger_name, open_ledger
from tests.ledger.filled import fill
from tests.ledger.ledgers import forget
from tests.postgres.server import Postgres

Make = Callable[[str], Engine]


@pytest.fixture
def make(postgres: Postgres, tmp_path: Path) -> Iterator[Make]:
    """What opens an empty ledger in one of the databases."""
    made = []

    def opened(database: str) -> Engine:
        name = f"moving_{uuid.uuid4().hex}"
        url = f"sqlite:///{tmp_path / name}.db" if database == "sqlite" else postgres.create(name)
        made.append(open_ledger(LedgerConnection(url), Origin.LIVE))
        return made[-1]

    yield opened
    for engine in made:
        forget(engine)


def contents(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every table, and which JSON values are unknown to the database itself."""
    found = {}
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            found[table.name] = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
        unknown = "SELECT run_id FROM runs WHERE symbols IS NULL"
        found["unknown"] = [row.run_id for row in connection.execute(text(unknown))]
    return found


@pytest.mark.parametrize(
    ("before", "after"), [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")]
)
def test_every_row_arrives_as_it_was(make: Make, before: str, after: str) -> None:
    """Microseconds, last bits, large numbers, JSON; the ledger keeps its name, and goes on counting behind its rows."""
    source, target = make(before), make(after)
    fill(source)
    name, told = ledger_name(source), []
    counts = move(source, target, lambda table, rows: told.append((table, rows)))
    assert contents(source) == contents(target)
    assert contents(target)["unknown"] == ["run-of-an-earlier-version"]
    assert (counts["bars"], ("bars", 2) in told, ledger_name(target)) == (2, True, name)
    assert slots_of(source, "run-1") == slots_of(target, "run-1")
    with target.begin() as connection:
        row = connection.execute(select(tables.outbox_items)).mappings().first()
        assert row is not None
        again = {name: value for name, value in row.items() if name != "id"} | {"attempt": 99}
        connection.execute(insert(tables.outbox_items), again)


def test_a_ledger_with_rows_is_no_target(make: Make) -> None:
    """Nothing is mixed, nothing is overwritten."""
    source, target = make("sqlite"), make("postgresql")
    fill(source)
    fill(target)
    before = contents(target)
    with pytest.raises(FixConfiguration, match="is not empty"):
        move(source, target)
    assert contents(target) == before


def test_a_ledger_cannot_be_moved_onto_itself(make: Make) -> None:
    """That would be no move."""
    source = make("sqlite")
    with pytest.raises(FixConfiguration, match="in use already"):
        move(source, source)


def test_what_arrives_differently_is_not_kept(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A move that loses a row ends with an error, and leaves the target empty."""
    source, target = make("sqlite"), make("postgresql")
    fill(source)
    monkeypatch.setattr(moving, "_go_on_counting", lambda writing: writing.execute(tables.heads.delete()))
    with pytest.raises(LedgerFailed, match="arrived differently"):
        move(source, target)
    assert contents(target)["forecasts"] == []
