"""Opening a ledger: the engine, its settings, its migrations, and the origin that it is for."""

import uuid
from functools import lru_cache
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import SQLAlchemyError

from flows.core.bars import Origin
from flows.core.connections import LedgerConnection
from flows.core.errors import OriginMixed
from flows.ledger import tables
from flows.ledger.addresses import address_in, shown
from flows.ledger.bars import insert_new
from flows.ledger.base import is_postgres
from flows.ledger.engines import engine_on, explain_failures, not_opened
from flows.ledger.turns import take_turn

MIGRATIONS = Path(__file__).with_name("migrations")

_OPENING = Lock()


def open_ledger(connection: LedgerConnection, origin: Origin) -> Engine:
    """Return an engine on a ledger whose tables are of the newest version.

    A ledger holds sample data or other data, never both.

    Raises:
        OriginMixed: The ledger was begun with the other kind of data.
        FixConfiguration: The database cannot be opened, or holds something else.
        LedgerFailed: No server answers.
    """
    address = address_in(connection.url)
    try:
        engine = _engine(connection.url)
        _claim(engine, "sample" if origin is Origin.SAMPLE else "real")
    except _faults() as error:
        raise not_opened(address, error) from None
    return engine


def _faults() -> tuple[type[Exception], ...]:
    """Return what the opening of a ledger raises; Alembic's part is imported when there is something to raise."""
    from alembic.util import CommandError

    return SQLAlchemyError, CommandError, ImportError, OSError


def _engine(url: str) -> Engine:
    # Alembic's commands work on globals: one thread at a time.
    with _OPENING:
        return _opened(url)


@lru_cache
def _opened(url: str) -> Engine:
    engine = engine_on(address_in(url))
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    explain_failures(engine)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest version; do nothing where they are. Of several processes one does it."""
    with engine.begin() as connection:
        if is_postgres(connection):
            # A migration may take longer than anything else that is waited for.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
        take_turn(connection, "migrations")
        bring_up_to_date(connection)


def bring_up_to_date(connection: Connection) -> None:
    """Bring the tables to the newest version within a transaction."""
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head()
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
            f"request: the ledger at {shown(engine.url)} holds {held} data, this run brings {kind} data. "
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
