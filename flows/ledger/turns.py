"""Taking turns: whoever reads first and writes later must not be overtaken in between."""

import hashlib

from sqlalchemy import Connection, text

from flows.ledger.base import is_postgres


def take_turn(connection: Connection, *names: str) -> None:
    """Wait until no other transaction has this turn; it ends with the transaction.

    SQLite lets one transaction in at a time by itself. PostgreSQL lets them all in, each seeing what the others have
    committed: here they stand in line, in the order in which they came.
    """
    if is_postgres(connection):
        number = int.from_bytes(hashlib.sha256("\0".join(names).encode()).digest()[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
