"""A ledger's engine: how SQLite and PostgreSQL are spoken to, and what their troubles are called."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, InternalError, OperationalError

from flows.core.errors import FixConfiguration, LedgerFailed, RejectData
from flows.ledger.addresses import shown, without_secrets

BUSY_SECONDS = 30
"""How long a transaction waits for its turn."""
CONNECT_SECONDS = 10
NO_RIGHT = "42501"
"""PostgreSQL's code for a missing privilege."""
PASSING = (
    "refused",
    "timeout",
    "timed out",
    "unreachable",
    "reset",
    "unexpectedly",
    "terminating",
    "starting up",
    "shutting down",
    "too many",
    "Temporary failure",
)
"""What PostgreSQL's client says where the server may be there again in a moment; it has no codes for these."""
POSTGRES: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "application_name": "nextclose",
    # Milliseconds after which a connection whose other end is silent is given up.
    "tcp_user_timeout": BUSY_SECONDS * 1000,
    "options": f"-c lock_timeout={BUSY_SECONDS}s",
    # Statements that the server prepares break when another process migrates, and behind a pooler.
    "prepare_threshold": None,
}


def engine_on(address: URL) -> Engine:
    """Return an engine with the settings that a ledger needs; nothing is opened yet."""
    if address.get_backend_name() != "sqlite":
        arguments = {name: value for name, value in POSTGRES.items() if name not in address.query}
        return create_engine(address, pool_pre_ping=True, connect_args=arguments)
    engine = create_engine(address, pool_pre_ping=True)
    _prepare_sqlite(engine, address.database)
    return engine


def explain_failures(engine: Engine) -> None:
    """Tell what a database itself is in trouble with, such as a full disk or a lock, as an error of ours."""

    @event.listens_for(engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception
        # Who looks whether a connection is still there makes a new one if not.
        if isinstance(error, DBAPIError) and not context.is_pre_ping:
            _explain(engine.url, error)


def _explain(address: URL, error: DBAPIError) -> None:
    why = without_secrets(str(error.orig), address)
    if isinstance(error, OperationalError | InterfaceError | InternalError):
        raise LedgerFailed(
            f"ledger: the database at {shown(address)} failed ({why}); what was under way was taken back. Check the space on "
            "its disk, its rights and who else uses it, and run again"
        ) from error.orig
    if getattr(error.orig, "sqlstate", None) == NO_RIGHT:
        raise FixConfiguration(
            f"ledger: the database at {shown(address)} refuses ({why}); nothing was written. Give its user the rights of "
            "the tables' owner"
        ) from error.orig
    if isinstance(error, DataError):
        raise RejectData(
            f"ledger: the database at {shown(address)} cannot hold a value ({why}); nothing of it was written. Such a "
            "value comes from outside: look at the bars, names and addresses of this run"
        ) from error.orig


def not_opened(address: URL, error: Exception) -> LedgerFailed | FixConfiguration:
    """Return what to tell a person when a ledger could not be opened: a server may be there again in seconds."""
    why = without_secrets(str(getattr(error, "orig", None) or error), address)
    said = f"request: the ledger at {shown(address)} cannot be used ({type(error).__name__}: {why})."
    if address.get_backend_name() == "sqlite":
        return FixConfiguration(f"{said} Check the ledger block, the rights on the file and the space on its disk")
    if any(word in why for word in PASSING):
        return LedgerFailed(f"{said} Is PostgreSQL running there? Check it, and host and port in the ledger block")
    return FixConfiguration(
        f"{said} Check user, password and database in the ledger block (the database must exist), and the user's rights"
    )


def _prepare_sqlite(engine: Engine, database: str | None) -> None:
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would otherwise fail instead of waiting for its turn.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _use_wal(connection: Any) -> None:
    """Switch to write-ahead logging; SQLite does not wait for a writer here by itself."""
    until = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
