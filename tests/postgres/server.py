"""One real PostgreSQL that a test may stop, kill and start again."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from flows.core.bars import Origin
from flows.core.connections import LedgerConnection
from flows.ledger import store, tables
from flows.ledger.store import open_ledger

USER, PASSWORD = "nextclose", "planted-password-0123456789"
READY_SECONDS = 60.0
TEMPLATE, SHARED = "template_ledger", "shared_ledger"
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "timezone=Africa/Casablanca",
)
"""Fast; what is lost with the machine is lost. And on a clock that is neither ours nor UTC."""


def programs() -> Path | None:
    """Return the folder with PostgreSQL's programs, or None where there are none."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name), reverse=True)
    found = shutil.which("initdb")
    places = [*([Path(found).resolve().parent] if found else []), *places]
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def _as_whom() -> dict[str, Any]:
    """Return as whom to run it: PostgreSQL refuses the superuser."""
    if os.getuid():
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody", "extra_groups": []}


def _free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass(slots=True)
class Postgres:
    """A server in a folder of its own, whose data outlive its process."""

    programs: Path
    folder: Path
    port: int = field(default_factory=_free_port)
    _process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def prepare(self) -> None:
        """Make the cluster; text is sorted as people do, not by its bytes, where this PostgreSQL can."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if not os.getuid():
            for place in (self.folder, secret):
                shutil.chown(place, _as_whom()["user"])
        made = (str(self.programs / "initdb"), "-D", str(self.folder / "data"), "-U", USER, "--pwfile", str(secret))
        common = ("-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--locale=C")
        given: dict[str, Any] = {"cwd": self.folder, "capture_output": True, "text": True, **_as_whom()}
        done = subprocess.run((*made, *common, "--locale-provider=icu", "--icu-locale=en"), check=False, **given)
        if done.returncode:
            shutil.rmtree(self.folder / "data", ignore_errors=True)
            done = subprocess.run((*made, *common), check=False, **given)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it unless it is there, and wait until it answers."""
        if self._process is None or self._process.poll() is not None:
            settings = [word for setting in SETTINGS for word in ("-c", setting)]
            listening = ("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-p", str(self.port))
            command = (str(self.programs / "postgres"), "-D", str(self.folder / "data"), *listening, *settings)
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **_as_whom())
        until = time.monotonic() + READY_SECONDS
        while True:
            try:
                return self.sql("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self.folder / "log").read_text()[-4000:]
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: at once but in order where nothing else is said, closing all connections."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(READY_SECONDS)

    def restart(self) -> None:
        """End it and start it again."""
        self.stop()
        self.start()

    def crash(self) -> None:
        """Let it end as in a crash, and start it again."""
        self.stop(signal.SIGQUIT)
        self.start()

    def sql(self, statement: str, database: str = "postgres") -> None:
        """Run one statement outside of any transaction."""
        place = f"host=127.0.0.1 port={self.port} user={USER} password={PASSWORD} dbname={database}"
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute(statement.encode())

    def url(self, database: str) -> str:
        """Return the way to a database."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database; return the way to it."""
        self.sql(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def connection(self, database: str) -> LedgerConnection:
        """Return the way to a ledger."""
        return LedgerConnection(self.url(database))

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[LedgerConnection]:
        """Make a database for one test; from the template it is a ledger of the newest version."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.connection(name)
        store._opened.cache_clear()
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def ledger(self) -> Iterator[Engine]:
        """Open the ledger that all tests share, emptied: a database of one's own takes ten times as long."""
        engine = open_ledger(self.connection(SHARED), Origin.LIVE)
        with engine.begin() as connection:
            for table in reversed(tables.metadata.sorted_tables):
                connection.execute(table.delete())
        yield open_ledger(self.connection(SHARED), Origin.LIVE)


@contextmanager
def a_server() -> Iterator[Postgres]:
    """Run a server with a template of a ledger; where PostgreSQL is absent, skip the test."""
    found = programs()
    if found is None:
        refuse = pytest.fail if os.environ.get("NEXTCLOSE_REQUIRE_BROKER") == "1" else pytest.skip
        refuse("there is no PostgreSQL here: initdb and postgres are not to be found")
    # Not in pytest's folder, which another user may not enter.
    with tempfile.TemporaryDirectory(prefix="nextclose-postgres-", ignore_cleanup_errors=True) as folder:
        server = Postgres(found, Path(folder))
        server.prepare()
        server.start()
        try:
            for name in (TEMPLATE, SHARED):
                server.sql(f"CREATE DATABASE {name}")
            open_ledger(server.connection(TEMPLATE), Origin.LIVE).dispose()
            store._opened.cache_clear()
            yield server
        finally:
            server.stop(signal.SIGQUIT)
