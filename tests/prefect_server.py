"""Prefect's server for the tests, and its database: making the tables takes a server five seconds, a copy takes none."""

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import certifi
import pytest


@contextmanager
def prefect_server(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run one real Prefect server in a home of its own; hand out the home."""
    from prefect import settings as names
    from prefect.settings import temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    home, database = factory.mktemp("prefect"), factory.mktemp("prefect-database")
    chosen = {
        names.PREFECT_HOME: home,
        names.PREFECT_LOCAL_STORAGE_PATH: home / "storage",
        names.PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        names.PREFECT_SERVER_ANALYTICS_ENABLED: False,
        # Nobody looks at events and task runs here; the server would spend half of its time on them.
        names.PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED: False,
        names.PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED: False,
        names.PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED: False,
        names.PREFECT_LOGGING_EXTRA_LOGGERS: "nextclose",
        # Nor at logs there: the tests read them where they are made.
        names.PREFECT_LOGGING_TO_API_ENABLED: False,
        names.PREFECT_API_SSL_CERT_FILE: str(one_certificate(home)),
        names.PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW: "ignore",
    }
    put_database(database / "prefect-test.db", factory)
    with (
        temporary_settings(chosen),
        # There is no other way to give the harness a database that is ready.
        patch("prefect.testing.utilities.mkdtemp", lambda: str(database)),
        prefect_test_harness(server_startup_timeout=120),
    ):
        yield home


def one_certificate(folder: Path) -> Path:
    """Write a file for clients that would read all certificates of the world, for 20 ms, to speak HTTP on the loopback."""
    file, end = folder / "one.pem", "-----END CERTIFICATE-----\n"
    file.write_text(Path(certifi.where()).read_text(encoding="ascii", errors="replace").partition(end)[0] + end)
    return file


def put_database(file: Path, factory: pytest.TempPathFactory) -> None:
    """Copy the database of this session's processes, which the first one to ask makes as Prefect does."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    template = shared / "prefect-template" / "made.db"
    template.parent.mkdir(exist_ok=True)
    with (template.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            _make(template)
    file.parent.mkdir(parents=True, exist_ok=True)
    _copy(template, file)


def _make(template: Path) -> None:
    new = template.with_name("new.db")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    place = {
        "PREFECT_HOME": str(template.parent),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{new}",
    }
    command = (sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes")
    subprocess.run(command, env={**kept, **place}, check=True, capture_output=True, timeout=180)
    _copy(new, template.with_name("copy.db"))
    template.with_name("copy.db").rename(template)


def _copy(source: Path, target: Path) -> None:
    """Copy all that is committed, wherever SQLite has it."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
