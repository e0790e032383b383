"""Bars as bytes, and back. Pure, and quick: a topic holds millions of them."""

from datetime import UTC, datetime
from functools import lru_cache
from math import inf
from typing import Any

import orjson
from pydantic import ValidationError

from flows.core.bars import Bar, BarRevision, Interval, Origin
from flows.core.errors import RejectData
from flows.core.faults import LARGEST_PRICE
from flows.core.request import SYMBOL
from flows.core.stamps import day_in
from flows.stream.records import BAR_SCHEMA, EARLIEST, LATEST, BarRecord, instant_named

FRAME = 5
"""Bytes that confluent-kafka's serializers write before a value: a zero, and the schema's number in the registry."""

_new = tuple.__new__
_ORIGINS = {str(origin): origin for origin in Origin}
_INTERVALS = {str(interval): interval for interval in Interval}


def encode_bar(revision: BarRevision) -> bytes:
    """Return the value of a bar's record."""
    origin, symbol, interval, number, received_at, (time, opened, high, low, close, volume) = revision
    return orjson.dumps(
        {
            "origin": origin,
            "symbol": symbol,
            "interval": interval,
            "revision": number,
            "received_at": received_at,
            "time": time,
            "open": opened,
            "high": high,
            "low": low,
            "close": close,
            "volume": volume,
        }
    )


def decode_bar(value: bytes) -> BarRevision:
    """Return the bar in a record's value, with a Schema Registry's frame before it or without.

    Values as we write them take a quick way with the same checks; any other is left to the schema, which accepts it or
    says what is wrong.

    Raises:
        RejectData: The value does not follow the schema; the message says where.
    """
    if value[:1] == b"\x00":
        value = value[FRAME:]
    return _quick(value) or _thorough(value)


def _quick(value: bytes) -> BarRevision | None:
    """Return the bar if the value is one beyond doubt."""
    try:
        r = orjson.loads(value)
        opened, high, low, close, volume = r["open"], r["high"], r["low"], r["close"], r["volume"]
        revision, symbol, time, interval = r["revision"], r["symbol"], r["time"], r["interval"]
        if not (
            type(opened) is type(high) is type(low) is type(close) is type(volume) is float
            and 0 < low <= opened <= high <= LARGEST_PRICE
            and low <= close <= high
            and 0 <= volume < inf
            and type(revision) is int
            and 0 <= revision < 2**31
            and _is_symbol(symbol)
            and _names_bar(time, interval)
        ):
            return None
        head = (_ORIGINS[r["origin"]], symbol, _INTERVALS[interval], revision, _received(r["received_at"]))
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    # A named tuple's own constructor takes four times as long.
    return _new(BarRevision, (*head, _new(Bar, (time, opened, high, low, close, volume))))


@lru_cache(maxsize=10_000)
def _is_symbol(text: Any) -> bool:
    return SYMBOL.fullmatch(text) is not None


@lru_cache(maxsize=100_000)
def _names_bar(time: Any, interval: Any) -> bool:
    """Say whether a time is of the form that an interval's bars are named by."""
    within = _INTERVALS[interval].minutes is not None
    return (instant_named(time) if within else day_in(time)) is not None


@lru_cache(maxsize=1_000)
def _received(text: Any) -> datetime:
    """Return an instant in the one form that we write; raise ValueError for any other."""
    instant = datetime.fromisoformat(text)
    if instant.isoformat() != text or instant.tzinfo is not UTC or not EARLIEST <= instant < LATEST:
        raise ValueError(text)
    return instant


def _thorough(value: bytes) -> BarRevision:
    try:
        r = BarRecord.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "value"
        raise RejectData(f"the record is no bar of {BAR_SCHEMA}: {where}: {first['msg']}") from None
    bar = Bar(r.time, r.open, r.high, r.low, r.close, r.volume)
    return BarRevision(r.origin, r.symbol, r.interval, r.revision, r.received_at, bar)
