"""The ledger: bars, forecasts, mails and runs in one database."""

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr

from flows.core.connections import LedgerConnection


class Ledger(Block):
    """The database that remembers bars, forecasts and mails.

    Example:
        Load a stored block:
        ```python
        from blocks import Ledger
        ledger = Ledger.load("BLOCK_NAME")
        connection = ledger.connection()
        ```
    """

    # What was refused may be a secret in the wrong place.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "Forecast Ledger"
    _block_type_slug = "forecast-ledger"
    _documentation_url = HttpUrl("https://docs.sqlalchemy.org/en/20/core/engines.html")
    _description = "The database that remembers bars, forecasts and mails."

    url: SecretStr = Field(
        title="URL",
        description="A database address in SQLAlchemy's form, such as sqlite:////var/lib/nextclose/ledger.db or postgresql://user:password@host/nextclose.",
    )

    def connection(self) -> LedgerConnection:
        """Return the plain configuration that the ledger takes."""
        return LedgerConnection(self.url.get_secret_value())
