"""Tests that looking for garbage stops nobody, as it stops Prefect's server with SQLite."""

import gc
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count, takewhile
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads
from unittest.mock import patch

import pytest

from flows.embedded import prefect_server


@pytest.fixture
def elsewhere() -> Iterator[None]:
    """Look for garbage in a thread, often, as long as a test lasts; and in no other, however much there is."""
    end, before, often = Event(), set(enumerate_threads()), gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    with (
        patch.object(prefect_server, "SECONDS", 0.001),
        patch.object(prefect_server, "ROUNDS", 3),
        patch.object(prefect_server, "count", lambda first: takewhile(lambda _: not end.is_set(), count(first))),
    ):
        prefect_server.collect_elsewhere()
        (thread,) = set(enumerate_threads()) - before
        assert not gc.isenabled()
        yield
        end.set()
        thread.join()
    gc.enable()
    gc.set_threshold(*often)


BUSY_MS = 3_000
"""Milliseconds that a writer waits for another; Prefect says 60,000."""


class Round:
    """A cycle, which only a search for garbage finds."""

    def __init__(self, held: sqlite3.Cursor | None) -> None:
        """Hold something and oneself."""
        self.held, self.itself = held, self


def write_behind_a_writer(file: Path) -> None:
    """Let one connection wait for another's transaction, leave a failed cursor of it as garbage, and make much more.

    The one that is waited for ends its transaction after that, in the thread that makes the garbage.

    Raises:
        sqlite3.OperationalError: The other has waited in vain.
    """
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as first,
        closing(sqlite3.connect(file, isolation_level=None, timeout=0, check_same_thread=False)) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        first.execute("PRAGMA journal_mode = WAL")
        first.execute("CREATE TABLE numbers (number)")
        first.execute("BEGIN IMMEDIATE")
        cursor = second.cursor()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            cursor.execute("INSERT INTO numbers VALUES (1)")
        failed = Round(cursor)
        del cursor
        second.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        waiting = Event()
        second.set_trace_callback(lambda _statement: waiting.set())
        written = pool.submit(second.execute, "INSERT INTO numbers VALUES (2)")
        waiting.wait()
        del failed
        for _ in range(10_000):
            Round(None)
        first.execute("COMMIT")
        written.result()


@pytest.mark.usefixtures("elsewhere")
def test_a_writer_is_not_kept_waiting_by_the_search_for_its_garbage(tmp_path: Path) -> None:
    """The thread that makes the garbage goes on, and ends the transaction that the writer waits for."""
    write_behind_a_writer(tmp_path / "numbers.db")


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("age", [0, 2], ids=["young", "old"])
def test_garbage_is_found_nevertheless(age: int) -> None:
    """Also what has outlived earlier searches before it became garbage."""
    gone = Event()

    class Told(Round):
        def __del__(self) -> None:
            gone.set()

    held = Told(None)
    for _ in range(age):
        gc.collect()
    del held
    assert gone.wait(10)
