"""Forecasts and quarantine records as bytes, and back. Pure: bytes in, values out."""

import base64
import hashlib
from dataclasses import dataclass

from pydantic import ValidationError

from flows.core.bars import Origin, SeriesId
from flows.core.cleaning import RejectedBar
from flows.core.errors import RejectData
from flows.core.issued import Issued
from flows.core.request import SYMBOL
from flows.stream.records import FORECAST_SCHEMA, QUARANTINE_SCHEMA, ForecastRecord, Original, QuarantineRecord, Source

LARGEST_COPY = 8 * 1024 * 1024
LARGEST_HEAD = 1024 * 1024
"""Bytes of a record's value, and of its key and headers together, up to which the quarantine holds a copy of it."""

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Poison:
    """A record of the bars topic that is no bar, and why."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    reason: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


def encode_forecast(issued: Issued) -> bytes:
    """Return the value of a forecast's record; the same forecast always gives the same bytes."""
    return ForecastRecord(**issued._asdict()).model_dump_json().encode()


def decode_forecast(value: bytes) -> Issued:
    """Return the forecast in a record's value.

    Raises:
        RejectData: The value does not follow the schema; the message says where.
    """
    try:
        record = ForecastRecord.model_validate_json(value)
    except ValidationError as error:
        raise RejectData(f"the record is no forecast of {FORECAST_SCHEMA}: {_place(error)}") from None
    return Issued(**{name: getattr(record, name) for name in Issued._fields})


def hash_of(value: bytes) -> str:
    """Return the hash of a forecast's record: SHA-256 of its value, in hexadecimal."""
    return hashlib.sha256(value).hexdigest()


def encode_rejected(series: SeriesId, found: RejectedBar) -> bytes:
    """Return the value of a quarantine record about a source's row."""
    row = {name: None if value is None else str(value)[:200] for name, value in found.row._asdict().items()}
    record = QuarantineRecord(**series._asdict(), time=found.time, reason=found.reason, row=row)
    return record.model_dump_json().encode()


def encode_poison(found: Poison, origin: Origin) -> bytes:
    """Return the value of a quarantine record about a record that is no bar, the record itself inside."""
    value = found.value or b""
    copied = len(value) <= LARGEST_COPY and is_short(found)
    original = Original(
        copied=copied,
        key=_base64(found.key) if is_short(found) else None,
        value=_base64(found.value) if copied else None,
        headers=tuple((name, _base64(content)) for name, content in found.headers) if is_short(found) else (),
        size=len(value),
        sha256=hashlib.sha256(value).hexdigest(),
    )
    source = Source(topic=found.topic, partition=found.partition, offset=found.offset, timestamp=found.timestamp)
    record = QuarantineRecord(
        origin=origin, reason=found.reason, symbol=symbol_in(found.key), source=source, original=original
    )
    return record.model_dump_json().encode()


def is_short(found: Poison) -> bool:
    """Say whether a record's key and headers are small enough to be carried along."""
    named = sum(len(name.encode("utf-8", "surrogatepass")) + len(content or b"") for name, content in found.headers)
    return len(found.key or b"") + named <= LARGEST_HEAD


def decode_quarantine(value: bytes) -> QuarantineRecord:
    """Return what a quarantine record says.

    Raises:
        RejectData: The value does not follow the schema.
    """
    try:
        return QuarantineRecord.model_validate_json(value)
    except ValidationError as error:
        raise RejectData(f"the record is none of {QUARANTINE_SCHEMA}: {_place(error)}") from None


def original_headers(original: Original) -> Headers:
    """Return the headers of a record that could not be used."""
    return tuple((name, None if content is None else base64.b64decode(content)) for name, content in original.headers)


def original_bytes(content: str | None) -> bytes | None:
    """Return the bytes that stand in a quarantine record as base64."""
    return None if content is None else base64.b64decode(content)


def symbol_in(key: bytes | None) -> str | None:
    """Return the symbol that a record's key names, or None if it names none."""
    text = (key or b"").decode("ascii", "replace")
    return text if SYMBOL.fullmatch(text) else None


def _base64(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()


def _place(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "value"
    return f"{where}: {first['msg']}"
