"""What all tables share: their metadata, and how an instant is stored."""

from datetime import UTC, datetime

from sqlalchemy import Connection, DateTime, Dialect, MetaData, Text, TypeDecorator

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """An instant in UTC, also where the database keeps no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Text for people, which may hold words from outside: PostgreSQL takes no zero byte, and no database half a sign."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """What it is in Python."""
        return str

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Put a question mark in the place of what cannot be stored."""
        return None if value is None else value.replace("\0", "?").encode("utf-8", "replace").decode()


def is_postgres(connection: Connection) -> bool:
    """Say whether a ledger is on PostgreSQL; otherwise it is on SQLite."""
    return connection.dialect.name == "postgresql"
