"""Bars as bytes, and back. Pure, and quick: a topic holds millions of them."""

from datetime import UTC, datetime
from functools import lru_cache
from math import inf
from operator import itemgetter
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
_fields = itemgetter("origin", "symbol", "interval", "revision", "received_at", *Bar._fields)
_ORIGINS = {str(origin): origin for origin in Origin}
_INTERVALS: dict[str, tuple[Interval, set[str]]] = {str(interval): (interval, set()) for interval in Interval}
"""Each interval, and times that were found to name a bar of it."""
_SYMBOLS: set[str] = set()
"""Texts that were found to be symbols."""
REMEMBERED = 50_000
"""How many texts of a kind are kept."""


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
    return quick_bar(value) or _carefully(value)


def _carefully(value: bytes) -> BarRevision:
    if value[:1] == b"\x00":
        value = value[FRAME:]
    return quick_bar(value) or _thorough(value)


def quick_bar(value: bytes) -> BarRevision | None:
    """Return the bar if the value is one beyond doubt, as those are that we write; otherwise None."""
    try:
        origin, symbol, interval, revision, received, time, opened, high, low, close, volume = _fields(
            orjson.loads(value)
        )
        spans, names = _INTERVALS[interval]
        if (
            opened.__class__ is high.__class__ is low.__class__ is close.__class__ is volume.__class__ is float
            and 0 < low <= opened <= high <= LARGEST_PRICE
            and low <= close <= high
            and 0 <= volume < inf
            and revision.__class__ is int
            and 0 <= revision < 2**31
            and (symbol in _SYMBOLS or _is_symbol(symbol))
            and (time in names or _names_bar(time, spans, names))
        ):
            # A named tuple's own constructor takes four times as long.
            bar = _new(Bar, (time, opened, high, low, close, volume))
            return _new(BarRevision, (_ORIGINS[origin], symbol, spans, revision, _received(received), bar))
    except (ValueError, KeyError, TypeError):
        return None
    return None


def _is_symbol(text: Any) -> bool:
    return SYMBOL.fullmatch(text) is not None and _remember(_SYMBOLS, text)


def _names_bar(time: Any, interval: Interval, known: set[str]) -> bool:
    """Say whether a time is of the form that an interval's bars are named by."""
    named = instant_named(time) if interval.minutes is not None else day_in(time)
    return named is not None and _remember(known, time)


def _remember(known: set[str], text: str) -> bool:
    """Keep a text that was found right, so that it need not be looked at again; begin anew when there are too many."""
    if len(known) >= REMEMBERED:
        known.clear()
    known.add(text)
    return True


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
        why = first["msg"].removeprefix("Value error, ") if value else "the record has no value"
        raise RejectData(f"the record is no bar of {BAR_SCHEMA}: {where}: {why}") from None
    bar = Bar(r.time, r.open, r.high, r.low, r.close, r.volume)
    return BarRevision(r.origin, r.symbol, r.interval, r.revision, r.received_at, bar)
