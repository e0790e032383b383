"""The Alpha Vantage account, or any server that answers like it."""

from typing import Literal

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr, field_validator

from flows.core.connections import VENDOR_URL, AlphaVantageConnection


class AlphaVantageCredentials(Block):
    """Where price bars are fetched, and with which key.

    Example:
        Load a stored block:
        ```python
        from blocks import AlphaVantageCredentials
        credentials = AlphaVantageCredentials.load("BLOCK_NAME")
        connection = credentials.connection()
        ```
    """

    # What was refused may be a secret in the wrong place.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "Alpha Vantage Credentials"
    _block_type_slug = "alpha-vantage-credentials"
    _documentation_url = HttpUrl("https://www.alphavantage.co/documentation/")
    _description = "Where price bars are fetched, and with which key."

    api_key: SecretStr = Field(
        default=SecretStr("demo"),
        title="API key",
        description="Your key. The public key 'demo' answers for IBM's daily bars only.",
    )
    base_url: str = Field(
        default=VENDOR_URL,
        title="Base URL",
        description="Change it only to use another server that answers like Alpha Vantage.",
    )
    outputsize: Literal["compact", "full"] = Field(
        default="compact",
        title="Output size",
        description="compact: the last 100 bars, on every plan. full: the whole history, on premium plans. Weekly and "
        "monthly bars always come whole.",
    )
    adjusted: bool = Field(
        default=False,
        description="Prices adjusted for splits and dividends. Weekly and monthly ones are free, daily ones need a "
        "premium plan.",
    )
    entitlement: Literal["realtime", "delayed"] | None = Field(
        default=None,
        description="What your plan gives of today's US prices; empty if it gives none. Bars within a session then end "
        "with the session before.",
    )
    daily_requests: int | None = Field(
        default=25,
        ge=1,
        title="Requests a day",
        description="How many requests your plan allows in a day; empty for no limit.",
    )
    requests_per_second: float | None = Field(
        default=1.0, gt=0, title="Requests a second", description="How fast your plan may be asked; empty for no limit."
    )
    connect_timeout: float = Field(
        default=10.0, gt=0, title="Connect timeout", description="Seconds to wait for a connection."
    )
    read_timeout: float = Field(
        default=30.0, gt=0, title="Read timeout", description="Seconds to wait for the whole answer."
    )

    @field_validator("base_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        """Refuse what is no web address, and a password in it: the address is shown in reports."""
        url = HttpUrl(value)
        if url.username or url.password:
            raise ValueError("the address may hold no user name or password")
        return value

    def connection(self) -> AlphaVantageConnection:
        """Return the plain configuration that the source takes."""
        return AlphaVantageConnection(
            api_key=self.api_key.get_secret_value(),
            base_url=self.base_url,
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            outputsize=self.outputsize,
            adjusted=self.adjusted,
            entitlement=self.entitlement,
            daily_requests=self.daily_requests,
            requests_per_second=self.requests_per_second,
        )
