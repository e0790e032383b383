"""Plain configurations: where the parts are. Blocks make them, clients take them; neither knows the other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import unquote, urlsplit

from flows.core.bars import Origin

VENDOR_URL = "https://www.alphavantage.co/query"
VENDOR_HOSTS = ("www.alphavantage.co", "alphavantage.co")
DEMO_KEY = "demo"
"""Public, and a word that answers use."""
SHORTEST_KEY = 8
"""A server of one's own may take any key; one this short would blank ordinary numbers and names."""
ADJUSTED_KIND = "alpha-vantage, adjusted"
VENDOR_DELAY = timedelta(minutes=15)
"""How late delayed prices are."""
SAMPLE_PATH = "/nextclose-sample/"
"""The bundled market server answers below this path and nowhere else, so that its data is known by its address."""

_URL_PASSWORD = re.compile(r"://[^:/@]*:(.+)@")


@dataclass(frozen=True, slots=True)
class AlphaVantageConnection:
    """How Alpha Vantage, or a server that answers like it, is asked."""

    api_key: str = field(repr=False)
    base_url: str = VENDOR_URL
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    outputsize: str = "compact"
    adjusted: bool = False
    """Prices adjusted for splits and dividends instead of those that were paid."""
    entitlement: Literal["realtime", "delayed"] | None = None
    daily_requests: int | None = 25
    """Requests allowed in a day; None for no limit."""
    requests_per_second: float | None = 1.0
    """Requests allowed in a second; None for no limit."""

    @property
    def origin(self) -> Origin:
        """Where this connection's bars come from, told by its address alone."""
        url = urlsplit(self.base_url)
        if url.hostname in VENDOR_HOSTS:
            return Origin.LIVE
        if url.hostname == "127.0.0.1" and url.path.startswith(SAMPLE_PATH):
            return Origin.SAMPLE
        return Origin.CUSTOM

    @property
    def kind(self) -> str:
        """The name of this sort of bars: adjusted prices and plain ones do not belong into one history."""
        return ADJUSTED_KIND if self.adjusted else "alpha-vantage"

    @property
    def delay(self) -> timedelta:
        """How much later than the exchange the vendor tells of a bar."""
        return VENDOR_DELAY if self.entitlement == "delayed" else timedelta(0)

    @property
    def variant(self) -> str:
        """What else tells one answer from another: the server, and how it is asked."""
        # The bundled server has another port in every demo.
        place = self.base_url if self.origin is Origin.CUSTOM else str(self.origin)
        return f"{place}|{self.outputsize}|{self.adjusted}|{self.entitlement}"

    @property
    def account(self) -> str:
        """What the request budget is counted for: the host and port, without any password in the address."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values to take out of any text."""
        public = self.api_key == DEMO_KEY or len(self.api_key) < SHORTEST_KEY
        return () if public else (self.api_key,)


@dataclass(frozen=True, slots=True)
class CsvConnection:
    """Where files of bars are, and what their columns mean."""

    location: str
    """A folder, or an address; {symbol} and {interval} in it stand for what is asked."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """For time, open, high, low, close and volume the name of the column that holds it, where it is another word."""
    delimiter: str = ","
    zone: str = ""
    """The zone of times without an offset; the exchange's own where it is empty."""
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    daily_requests: int | None = None
    requests_per_second: float | None = None
    delay: timedelta = timedelta(0)

    @property
    def origin(self) -> Origin:
        """Files of one's own are never the vendor's."""
        return Origin.CUSTOM

    @property
    def kind(self) -> str:
        """The name of this sort of source."""
        return "csv-files"

    @property
    def is_remote(self) -> bool:
        """Say whether the location is an address."""
        return self.location.startswith(("http://", "https://"))

    @property
    def account(self) -> str:
        """What requests are counted for, and what a report may show."""
        return urlsplit(self.location).netloc.rpartition("@")[2] if self.is_remote else f"files in {self.location}"

    @property
    def variant(self) -> str:
        """What else tells one answer from another."""
        return f"{self.location}|{sorted(self.columns.items())}|{self.delimiter}|{self.zone}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """There are none."""
        return ()


SourceConnection = AlphaVantageConnection | CsvConnection
SOURCE_BLOCKS: Mapping[str, type[SourceConnection]] = {
    "alpha-vantage": AlphaVantageConnection,
    "csv-files": CsvConnection,
}
"""The name of each source's block, and the configuration that the block makes."""


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """How the Kafka cluster is reached."""

    settings: Mapping[str, str | int | float | bool] = field(repr=False)
    """librdkafka's configuration, secrets included."""
    prefix: str = ""
    embedded: bool = False
    """The broker is librdkafka's mock cluster: no topic can be created, no offset is worth storing."""
    private: bool = False
    """It lives in this run only, and nobody else can reach it."""
    secrets: tuple[str, ...] = field(repr=False, default=())
    """Values to take out of any text."""
    partitions: int = 4
    """How many partitions a topic of ours gets when it is created."""
    replication: int = -1
    """How many copies of each; -1 leaves it to the cluster."""
    registry: Mapping[str, str | int] = field(repr=False, default_factory=dict)
    """confluent-kafka's settings for a Schema Registry, secrets included; empty where there is none."""

    @property
    def address(self) -> str:
        """The bootstrap servers."""
        return str(self.settings["bootstrap.servers"])


@dataclass(frozen=True, slots=True)
class LedgerConnection:
    """Where the ledger is."""

    url: str = field(repr=False)
    """An SQLAlchemy URL, password included."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values to take out of any text."""
        found = _URL_PASSWORD.search(self.url)
        return (found[1], unquote(found[1])) if found else ()


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Who writes to whom, and on which clock the reader lives."""

    sender: str
    recipients: tuple[str, ...]
    timezone: str = "Africa/Casablanca"
