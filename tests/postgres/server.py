"""A real PostgreSQL of the test session's own: a throwaway cluster on a loopback port."""

import os
import pwd
import shutil
import socket
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

PLACES = "/usr/lib/postgresql/*/bin"


@dataclass(slots=True)
class Server:
    """A cluster in a folder, whose data outlive its process."""

    programs: Path
    folder: Path
    port: int
    durable: bool

    def url(self, database: str = "postgres") -> str:
        """Return the address of one of its databases."""
        return f"postgresql://nextclose@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database; return its address."""
        self._say(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        fast = "" if self.durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c max_connections=200{fast}"
        self._control("start", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """Stop it; `immediate` is what a crash does."""
        self._control("stop", "-m", mode)

    def restart(self) -> None:
        """Let it crash, and come back."""
        self.stop("immediate")
        self.start()

    def _control(self, *words: str) -> None:
        as_user(str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-w", *words)

    def _say(self, statement: str) -> None:
        engine = create_engine(self.url().replace("postgresql", "postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def as_user(*command: str) -> None:
    """Run a command; PostgreSQL's refuse to be run by root, so root runs them as somebody else."""
    user = {"user": nobody(), "group": pwd.getpwnam(nobody()).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120, cwd="/", env={**os.environ, "LC_ALL": "C"},
        **user,
    )  # type: ignore[call-overload]  # fmt: skip
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


def nobody() -> str:
    """Return a user that is not root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@lru_cache
def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest where there are several, or None."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    on_path = shutil.which("initdb")
    known = sorted(found, key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)
    if known:
        return known[-1]
    return Path(on_path).resolve().parent if on_path else None


def start_server(folder: Path, *, durable: bool = False) -> Server:
    """Make a cluster in a folder and start it; skip the test where there is no PostgreSQL and none is required."""
    where = programs()
    if where is None:
        reason = (
            f"there is no PostgreSQL on this machine (no initdb on PATH or in {PLACES}): apt-get install postgresql"
        )
        if os.environ.get("NEXTCLOSE_REQUIRE_BROKER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    if os.geteuid() == 0:
        shutil.chown(folder, nobody())
    data = folder / "data"
    as_user(str(where / "initdb"), "-D", str(data), "-U", "nextclose", "-A", "trust", "-E", "UTF8", "--no-sync")
    server = Server(where, folder, _free_port(), durable)
    server.start()
    return server


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
