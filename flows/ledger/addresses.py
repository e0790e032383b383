"""Where a ledger is: its address, read and shown without secrets."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from flows.core.errors import FixConfiguration
from flows.core.redaction import redact

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""By the kind of database that an address names: what SQLAlchemy calls it with the driver that we bring."""
FORMS = "sqlite:////var/lib/nextclose/ledger.db or postgresql://user:password@host/nextclose"


def address_in(url: str) -> URL:
    """Return a ledger's address.

    Raises:
        FixConfiguration: It is none, or one of a database that cannot be a ledger.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # What cannot be read may be a password with a sign in it that belongs to addresses, so it is not shown.
        raise FixConfiguration(
            f"request: the ledger's URL is no database address; write it like {FORMS}, and signs such as @, / and : in a "
            "password as %40, %2F and %3A. It stands in the ledger block (LEDGER_URL)"
        ) from None
    kind = parsed.drivername.partition("+")[0]
    if kind not in DRIVERS:
        raise FixConfiguration(
            f"request: the ledger cannot be a database of the kind {redact(kind)!r}; there are SQLite and PostgreSQL: write "
            f"its URL like {FORMS} into the ledger block (LEDGER_URL)"
        )
    return parsed.set(drivername=DRIVERS[kind])


def shown(address: URL) -> str:
    """Return an address as people may see it."""
    return address.set(drivername=address.get_backend_name(), query={}).render_as_string()


def without_secrets(text: str, address: URL) -> str:
    """Return what a database said, in one line, without the secrets of its address."""
    query = (value for name, value in address.query.items() if "pass" in name)
    secrets = [*(str(address.password),) * bool(address.password), *(text for text in query if isinstance(text, str))]
    return redact(text.strip().partition("\n")[0], secrets)
