"""Opening a ledger: the engine, its settings, its migrations, and the origin that it is for."""

import sqlite3
import time
import uuid
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from flows.core.bars import Origin
from flows.core.connections import LedgerConnection
from flows.core.errors import FixConfiguration, LedgerFailed, OriginMixed
from flows.ledger import tables
from flows.ledger.bars import insert_new

MIGRATIONS = Path(__file__).with_name("migrations")
SQLITE_BUSY_SECONDS = 30
CONNECT_SECONDS = 10
MIGRATION_LOCK = 0x6E636C6F7365
"""Any number will do that nobody else uses in this database."""

_OPENING = Lock()


def open_ledger(connection: LedgerConnection, origin: Origin) -> Engine:
    """Return an engine on a ledger whose tables are of the newest version.

    A ledger holds sample data or other data, never both.

    Raises:
        OriginMixed: The ledger was begun with the other kind of data.
        FixConfiguration: The database cannot be opened, or holds something else.
    """
    try:
        engine = _engine(connection.url)
        _claim(engine, "sample" if origin is Origin.SAMPLE else "real")
    except (SQLAlchemyError, CommandError, ImportError, OSError) as error:
        shown = make_url(connection.url).set(query={}).render_as_string() if "://" in connection.url else "its address"
        why = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise FixConfiguration(
            f"request: the ledger at {shown} cannot be used ({type(error).__name__}: {why}). "
            "Check the ledger block, the rights on the file and the space on its disk"
        ) from None
    return engine


def _engine(url: str) -> Engine:
    # Alembic's commands work on globals: one thread at a time.
    with _OPENING:
        return _opened(url)


@lru_cache
def _opened(url: str) -> Engine:
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, pool_pre_ping=True)
        _prepare_sqlite(engine, parsed.database)
    else:
        engine = create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS})
    migrate(engine)
    _explain_failures(engine)
    return engine


def database_url(url: str) -> URL:
    """Return a database address with the driver that is installed.

    Raises:
        FixConfiguration: It is an address of another sort of database.
    """
    parsed = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    name = parsed.get_backend_name()
    if name not in ("sqlite", "postgresql"):
        raise FixConfiguration(
            f"request: the ledger can be SQLite or PostgreSQL, and its address says {name}. Write it like "
            "sqlite:////var/lib/nextclose/ledger.db or postgresql://user:password@host/nextclose in the ledger block"
        )
    return parsed.set(drivername="postgresql+psycopg") if name == "postgresql" else parsed


def _explain_failures(engine: Engine) -> None:
    """Tell what a database itself is in trouble with, such as a full disk or a lock, as an error of ours."""

    @event.listens_for(engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        if context.is_pre_ping:
            # A connection that was lost while nobody used it is replaced.
            return
        if isinstance(context.sqlalchemy_exception, (OperationalError, InterfaceError)):
            why = str(context.original_exception).partition("\n")[0]
            raise LedgerFailed(
                f"ledger: the database at {engine.url.set(query={}).render_as_string()} failed ({why}); what was under way "
                "was taken back. Check the space on its disk, its rights and who else uses it, and run again"
            ) from context.original_exception


def _prepare_sqlite(engine: Engine, database: str | None) -> None:
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
        connection.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_SECONDS * 1000}")
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would otherwise fail instead of waiting for its turn.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _use_wal(connection: Any) -> None:
    """Switch to write-ahead logging; SQLite does not wait for a writer here by itself."""
    until = time.monotonic() + SQLITE_BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest version; do nothing where they are."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Two workers may open a new ledger at the same moment.
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        if MigrationContext.configure(connection).get_current_revision() != newest:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def ledger_name(engine: Engine) -> str:
    """Return the name that a ledger gave itself when it was begun; it tells its records on a shared topic from others'."""
    return _begun_with(engine, "id", uuid.uuid4().hex)


def unchained_at_first(engine: Engine) -> int:
    """Return how many forecasts were in no chain when chaining began."""
    return int(_begun_with(engine, "unchained", "0"))


def _claim(engine: Engine, kind: str) -> None:
    held = _begun_with(engine, "kind", kind)
    if held != kind:
        raise OriginMixed(
            f"request: the ledger at {engine.url.render_as_string()} holds {held} data, this run brings {kind} data. "
            "Give the run another ledger in the ledger block"
        )


def _begun_with(engine: Engine, name: str, value: str) -> str:
    """Return what a ledger has written under a name, which is `value` if it had written nothing yet."""
    query = select(tables.about.c.value).where(tables.about.c.name == name)
    with engine.begin() as connection:
        held = connection.execute(query).scalar()
        if held is None:
            connection.execute(insert_new(connection, tables.about).values(name=name, value=value))
            held = connection.execute(query).scalar_one()
    return str(held)
