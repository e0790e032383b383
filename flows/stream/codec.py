"""What stands on the topics: JSON values of published schemas. Pure: bytes in, values out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from flows.core.bars import Bar, BarRevision, Interval, Origin, SeriesId
from flows.core.cleaning import RejectedBar
from flows.core.errors import RejectData
from flows.core.forecast import Forecast, Prediction
from flows.core.stamps import day_in, instant_in, stamp

BAR_SCHEMA = "nextclose.bar.v1"
FORECAST_SCHEMA = "nextclose.forecast.v1"
QUARANTINE_SCHEMA = "nextclose.quarantine.v1"


def _bar_time(text: str) -> str:
    if day_in(text) is None and _instant(text) is None:
        raise ValueError("neither an ISO date nor an instant such as 2026-11-20T20:55:00Z")
    return text


def _instant(text: str) -> str | None:
    found = instant_in(text, "UTC")
    return text if found is not None and stamp(found) == text else None


EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

Price = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Symbol = Annotated[str, Field(min_length=1, max_length=30)]
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
    open: Price
    high: Price
    low: Price
    close: Price
    volume: float = Field(ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _possible(self) -> "BarRecord":
        if self.low > min(self.open, self.close) or self.high < max(self.open, self.close):
            raise ValueError("the low is above, or the high below, the open or the close")
        if (day_in(self.time) is None) != (self.interval.minutes is not None):
            raise ValueError("the time does not name a bar of this interval")
        return self


class ForecastRecord(BaseModel):
    """One issued forecast of a close that had not happened yet."""

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


class QuarantineRecord(BaseModel):
    """A row that could not be used, and why."""

    model_config = ConfigDict(frozen=True)

    origin: Origin
    symbol: Symbol
    interval: Interval
    time: str | None
    reason: str
    row: Mapping[str, str | None] = Field(description="The row as it was received, every value as text.")


SCHEMAS: dict[str, type[BaseModel]] = {
    BAR_SCHEMA: BarRecord,
    FORECAST_SCHEMA: ForecastRecord,
    QUARANTINE_SCHEMA: QuarantineRecord,
}


def encode_bar(revision: BarRevision) -> bytes:
    """Return the value of a bar's record."""
    return orjson.dumps(
        {
            "origin": revision.origin,
            "symbol": revision.symbol,
            "interval": revision.interval,
            "revision": revision.revision,
            "received_at": revision.received_at,
            **revision.bar._asdict(),
        }
    )


def decode_bar(value: bytes) -> BarRevision:
    """Return the bar in a record's value.

    Raises:
        RejectData: The value does not follow the schema; the message says where.
    """
    try:
        r = BarRecord.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "value"
        raise RejectData(f"the record is no bar of {BAR_SCHEMA}: {where}: {first['msg']}") from None
    bar = Bar(r.time, r.open, r.high, r.low, r.close, r.volume)
    return BarRevision(r.origin, r.symbol, r.interval, r.revision, r.received_at, bar)


def encode_forecast(forecast: Forecast) -> bytes:
    """Return the value of a forecast's record."""
    p = forecast.prediction
    shared = ForecastRecord.model_fields.keys() & set(Prediction.__slots__)
    record = ForecastRecord(
        **{name: getattr(p, name) for name in shared if name != "target"},
        target=p.target.label,
        target_closes_at=p.target.closes_at,
        forecast_id=forecast.forecast_id,
        issued_at=forecast.issued_at,
        backfill=forecast.backfill,
        run_id=forecast.run_id,
    )
    return record.model_dump_json().encode()


def encode_rejected(series: SeriesId, found: RejectedBar) -> bytes:
    """Return the value of a quarantine record."""
    row = {name: None if value is None else str(value)[:200] for name, value in found.row._asdict().items()}
    record = QuarantineRecord(**series._asdict(), time=found.time, reason=found.reason, row=row)
    return record.model_dump_json().encode()
