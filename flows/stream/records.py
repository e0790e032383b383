"""What stands on the topics: the records whose JSON Schemas are published."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from flows.core.bars import Interval, Origin
from flows.core.faults import LARGEST_PRICE
from flows.core.stamps import day_in, instant_in, stamp

BAR_SCHEMA = "nextclose.bar.v1"
FORECAST_SCHEMA = "nextclose.forecast.v1"
QUARANTINE_SCHEMA = "nextclose.quarantine.v1"


def _bar_time(text: str) -> str:
    if day_in(text) is None and instant_named(text) is None:
        raise ValueError("neither an ISO date nor an instant such as 2026-11-20T20:55:00Z")
    return text


def instant_named(text: str) -> str | None:
    """Return the text if it names a bar within a session, and in the one form that such names have."""
    found = instant_in(text, "UTC")
    return text if found is not None and stamp(found) == text else None


EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

Price = Annotated[float, Field(gt=0, allow_inf_nan=False)]
BarPrice = Annotated[float, Field(gt=0, le=LARGEST_PRICE, allow_inf_nan=False)]
Symbol = Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[A-Z0-9^][A-Z0-9.\-^=&]*$")]
BarTime = Annotated[
    str,
    AfterValidator(_bar_time),
    Field(
        description="The ISO date of the bar's last session; for bars within a session the instant at which it begins, "
        "such as 2026-11-20T20:55:00Z."
    ),
]


class BarRecord(BaseModel):
    """One version of one price bar. Its identity is (origin, symbol, interval, time, revision)."""

    model_config = ConfigDict(frozen=True)

    origin: Origin = Field(description="live: the vendor's own host; sample: bundled prices; custom: any other server.")
    symbol: Symbol
    interval: Interval
    time: BarTime
    revision: int = Field(
        ge=0, lt=2**31, description="0 for the first version; one more with each correction by the vendor."
    )
    received_at: AwareDatetime = Field(
        ge=EARLIEST, lt=LATEST, description="When this version was received from the vendor."
    )
    open: BarPrice
    high: BarPrice
    low: BarPrice
    close: BarPrice
    volume: float = Field(ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _possible(self) -> "BarRecord":
        if self.low > min(self.open, self.close) or self.high < max(self.open, self.close):
            raise ValueError("the low is above, or the high below, the open or the close")
        if (day_in(self.time) is None) != (self.interval.minutes is not None):
            raise ValueError("the time does not name a bar of this interval")
        return self


class ForecastRecord(BaseModel):
    """One issued forecast of a close that had not happened yet.

    The SHA-256 of a record's value is the forecast's hash: mails print it, and the next forecast of the same symbol and
    interval names it as its predecessor.
    """

    model_config = ConfigDict(frozen=True)

    forecast_id: str = Field(description="SHA-256 over what was forecast, from which bars and by which model.")
    origin: Origin
    symbol: Symbol
    interval: Interval
    as_of: str = Field(description="The last completed bar that the forecast was made after.")
    target: str = Field(description="The bar whose close is forecast.")
    target_closes_at: AwareDatetime
    issued_at: AwareDatetime
    backfill: bool = Field(description="Made after its target closed, or for a past instant; never counted.")
    given_now: bool = Field(
        description="The run was told what instant to play at: the time of issue is not the clock's, and proves nothing."
    )
    point: Price
    lower80: Price
    upper80: Price
    lower95: Price
    upper95: Price
    naive: Price
    model: str
    data_digest: str = Field(description="SHA-256 of the bars that the forecast was made from.")
    code_version: str
    run_id: str
    place: int = Field(ge=1, description="1 for the ledger's first forecast of this symbol and interval, and so on.")
    previous: str | None = Field(
        description="SHA-256 of the value of the forecast before it, of the same symbol and interval; null for the first."
    )


class Source(BaseModel):
    """Where the record stands that could not be used."""

    model_config = ConfigDict(frozen=True)

    topic: str
    partition: int
    offset: int
    timestamp: int = Field(description="The source record's own time, in milliseconds since 1970.")


class Original(BaseModel):
    """A record that could not be used, byte for byte, in base64."""

    model_config = ConfigDict(frozen=True)

    copied: bool = Field(default=True, description="false if it was too large to be copied: it stays where it stands.")
    key: str | None
    value: str | None = Field(description="null if the record had none, or if it was not copied.")
    headers: tuple[tuple[str, str | None], ...] = ()
    size: int = Field(description="Bytes of the value.")
    sha256: str = Field(description="SHA-256 of the value, in hexadecimal.")


class QuarantineRecord(BaseModel):
    """A row of a source, or a record of the bars topic, that could not be used, and why."""

    model_config = ConfigDict(frozen=True)

    origin: Origin
    reason: str
    symbol: str | None = Field(description="null where the record does not tell.")
    interval: Interval | None = None
    time: str | None = None
    row: Mapping[str, str | None] | None = Field(
        default=None, description="A source's row as it was received, every value as text."
    )
    source: Source | None = Field(default=None, description="Where a record stood that could not be used.")
    original: Original | None = Field(default=None, description="That record itself.")


SCHEMAS: dict[str, type[BaseModel]] = {
    BAR_SCHEMA: BarRecord,
    FORECAST_SCHEMA: ForecastRecord,
    QUARANTINE_SCHEMA: QuarantineRecord,
}
