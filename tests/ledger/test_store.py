"""Tests of opening a ledger."""

import sqlite3
import threading
from contextlib import closing
from itertools import combinations
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from flows.core.bars import Origin
from flows.core.connections import LedgerConnection
from flows.core.errors import OriginMixed
from flows.ledger import store, tables
from flows.ledger.bars import keep_bars, newest_versions
from flows.ledger.store import open_ledger
from tests.ledger.ledgers import LIVE, a_revision, at_once, forget, rows, where

CONFIG = Config()
CONFIG.set_main_option("script_location", str(store.MIGRATIONS))


def version(engine: Engine) -> str | None:
    """Return the migration that a ledger stands at."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_a_fresh_ledger_is_of_the_newest_version(ledger: Engine) -> None:
    """Opening runs every migration."""
    assert ScriptDirectory.from_config(CONFIG).get_current_head() == version(ledger)


def test_the_migrations_make_the_tables_of_the_code(ledger: Engine) -> None:
    """Nothing is left for a migration that nobody wrote."""
    with ledger.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    assert sorted(inspect(ledger).get_view_names()) == ["all_scores", "scores"]


def test_the_migrations_can_be_taken_back(ledger: Engine) -> None:
    """Down to nothing and up again."""
    with ledger.begin() as connection:
        CONFIG.attributes["connection"] = connection
        command.downgrade(CONFIG, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    store.migrate(ledger)
    assert {*tables.metadata.tables, "alembic_version"} == set(inspect(ledger).get_table_names())


def test_the_folder_of_a_ledger_is_made(tmp_path: Path) -> None:
    """A first run needs no preparation."""
    open_ledger(where(tmp_path / "state" / "deep"), Origin.LIVE).dispose()
    assert (tmp_path / "state" / "deep" / "ledger.db").is_file()


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    """What another process kept is still there, and stays."""
    first = open_ledger(where(tmp_path), Origin.LIVE)
    keep_bars(first, [a_revision("2026-11-20")])
    forget(first)
    second = open_ledger(where(tmp_path), Origin.LIVE)
    assert list(newest_versions(second, LIVE)) == ["2026-11-20"]
    assert (first is second, version(first)) == (False, version(second))
    forget(second)


def test_one_process_has_one_engine_for_a_ledger(tmp_path: Path) -> None:
    """Opening is cheap enough to be done in every task."""
    first = open_ledger(where(tmp_path), Origin.LIVE)
    assert first is open_ledger(where(tmp_path), Origin.CUSTOM)
    first.dispose()


@pytest.mark.parametrize(
    ("begun", "brought"),
    [(one, other) for pair in combinations(Origin, 2) for one, other in (pair, pair[::-1]) if Origin.SAMPLE in pair],
)
def test_sample_data_never_meets_other_data(tmp_path: Path, begun: Origin, brought: Origin) -> None:
    """A ledger that was begun with the one kind refuses the other, whoever opens it."""
    first = open_ledger(where(tmp_path), begun)
    with pytest.raises(OriginMixed, match=r"^request: the ledger at .* Give the run another ledger"):
        open_ledger(where(tmp_path), brought)
    forget(first)
    with pytest.raises(OriginMixed):
        open_ledger(where(tmp_path), brought)
    open_ledger(where(tmp_path), begun).dispose()


def test_live_and_custom_data_may_share_a_ledger(tmp_path: Path) -> None:
    """They are real data both; their records keep them apart."""
    open_ledger(where(tmp_path), Origin.LIVE)
    open_ledger(where(tmp_path), Origin.CUSTOM).dispose()


def test_rows_that_belong_to_nothing_are_refused(tmp_path: Path) -> None:
    """SQLite is told to keep foreign keys, and to write ahead."""
    with open_ledger(where(tmp_path), Origin.LIVE).connect() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("foreign_keys", "journal_mode")]
    assert found == [1, "wal"]


def test_a_new_ledger_that_somebody_writes_is_waited_for(tmp_path: Path) -> None:
    """Another process that is at its beginning makes the first opening slower, not impossible."""
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.2, other.execute, ["COMMIT"])
        timer.start()
        try:
            open_ledger(where(tmp_path), Origin.LIVE).dispose()
        finally:
            timer.join()


def test_threads_may_open_a_new_ledger_at_once(tmp_path: Path) -> None:
    """All tasks of a first run open the same ledger; it is made once."""
    for place in range(6):
        engines = opened_at_once([where(tmp_path, f"{place}.db")] * 4)
        # Of which kind it is, and how many forecasts were in no chain.
        assert {2} == {rows(engine, tables.about) for engine in engines}
        for engine in engines:
            engine.dispose()


def test_threads_may_open_different_ledgers_at_once(tmp_path: Path) -> None:
    """Two runs in one process, one on sample data, do not disturb each other's migrations."""
    for place in range(3):
        engines = opened_at_once([where(tmp_path, f"{place}-{number}.db") for number in range(4)])
        for engine in engines:
            assert set(tables.metadata.tables) < set(inspect(engine).get_table_names())
            engine.dispose()


def opened_at_once(connections: list[LedgerConnection]) -> list[Engine]:
    """Return the engines of ledgers that as many threads open at the same moment."""
    return at_once(len(connections), lambda number: open_ledger(connections[number], Origin.LIVE))
