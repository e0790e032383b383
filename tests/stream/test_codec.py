"""Tests of what stands on the topics of forecasts and of what could not be used."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.cleaning import RawBar, RejectedBar
from flows.core.errors import RejectData
from flows.core.issued import Issued
from flows.stream import codec
from flows.stream.codec import (
    Poison,
    decode_forecast,
    decode_quarantine,
    encode_forecast,
    encode_poison,
    encode_rejected,
    hash_of,
    original_bytes,
    original_headers,
    symbol_in,
)
from flows.stream.records import FORECAST_SCHEMA, QUARANTINE_SCHEMA, ForecastRecord, Original, QuarantineRecord
from tests.core.examples import NOW, a_forecast
from tests.stream.records import an_issued, prices, symbols

SERIES = SeriesId(Origin.SAMPLE, "IBM", Interval.DAILY)
cells = st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(), st.lists(st.text()))
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
forecasts = st.builds(
    an_issued,
    place=st.integers(1, 2**31),
    previous=st.none() | hashes,
    issued_at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    run_id=st.text(max_size=36),
    backfill=st.booleans(),
    symbol=symbols,
    origin=st.sampled_from(Origin),
    interval=st.sampled_from(Interval),
    **dict.fromkeys(("point", "lower80", "upper80", "lower95", "upper95", "naive"), prices),
    model=st.text(),
)
contents = st.none() | st.binary(max_size=60)
poisons = st.builds(
    Poison,
    topic=st.just("nextclose.bars.v1"),
    partition=st.integers(0, 100),
    offset=st.integers(0, 2**62),
    timestamp=st.integers(-1, 2**41),
    reason=st.text(),
    key=contents,
    value=contents,
    headers=st.lists(st.tuples(st.text(), contents)).map(tuple),
)


@given(forecasts)
def test_a_forecast_comes_back_as_it_was_sent(issued: Issued) -> None:
    """Encoding and decoding change nothing, to the last bit of every number."""
    assert issued == decode_forecast(encode_forecast(issued))


@given(forecasts)
def test_the_same_forecast_always_gives_the_same_bytes(issued: Issued) -> None:
    """What was read from a topic has the hash of what was written there."""
    value = encode_forecast(issued)
    assert value == encode_forecast(decode_forecast(value))
    assert hashlib.sha256(value).hexdigest() == hash_of(value)


@given(st.integers(-23 * 60, 23 * 60))
def test_a_forecasts_bytes_do_not_depend_on_the_clocks_zone(minutes: int) -> None:
    """The same instant, read from another clock, gives the same hash."""
    elsewhere = NOW.astimezone(timezone(timedelta(minutes=minutes)))
    assert encode_forecast(an_issued()) == encode_forecast(an_issued(issued_at=elsewhere))


def test_a_forecast_is_written_with_all_that_its_schema_names() -> None:
    """The record follows its schema, and names its forecast by the id."""
    forecast, issued = a_forecast(), an_issued(2, "f" * 64)
    record = ForecastRecord.model_validate_json(encode_forecast(issued))
    assert (forecast.forecast_id, "2026-11-20", "2026-11-23") == (record.forecast_id, record.as_of, record.target)
    assert (record.point, record.lower80, record.upper95) == (232.41, 228.9, 239.0)
    assert (forecast.issued_at, datetime(2026, 11, 23, 21, tzinfo=UTC)) == (record.issued_at, record.target_closes_at)
    assert (record.place, record.previous, record.given_now) == (2, "f" * 64, False)


@pytest.mark.parametrize("name", ["upper95", "point", "naive"])
def test_a_forecast_without_a_finite_limit_is_no_record(name: str) -> None:
    """Readers of the topic never meet a number that JSON cannot write."""
    without: dict[str, Any] = {name: float("inf")}
    with pytest.raises(ValidationError, match=rf"1 validation error for ForecastRecord\n{name}\n"):
        encode_forecast(an_issued()._replace(**without))


def test_a_forecast_without_a_place_is_no_record() -> None:
    """What is in no chain proves nothing."""
    with pytest.raises(ValidationError, match=r"1 validation error for ForecastRecord\nplace\n"):
        encode_forecast(an_issued(0))


@given(st.binary())
def test_noise_is_no_forecast_and_no_quarantine_record(value: bytes) -> None:
    """Each error names its schema, and none shows the value."""
    with pytest.raises(RejectData, match=f"^the record is no forecast of {FORECAST_SCHEMA}: "):
        decode_forecast(value)
    with pytest.raises(RejectData, match=f"^the record is none of {QUARANTINE_SCHEMA}: "):
        decode_quarantine(value)


@given(st.builds(RawBar, cells, cells, cells, cells, cells, cells), st.text())
def test_any_rejected_row_can_be_written(row: RawBar, reason: str) -> None:
    """Every value is kept as text, a missing one as null, so that the quarantine shows what came."""
    record = QuarantineRecord.model_validate_json(encode_rejected(SERIES, RejectedBar(None, reason, row)))
    expected = {name: None if value is None else str(value)[:200] for name, value in row._asdict().items()}
    assert (expected, reason) == (dict(record.row or {}), record.reason)


def test_a_rejected_row_names_its_series() -> None:
    """Symbol, interval, origin and day stand beside the row."""
    row = RawBar("2026-11-20", "nan", "2", "1", "1", "0")
    value = orjson.loads(encode_rejected(SERIES, RejectedBar("2026-11-20", "open 'nan' is not a finite number", row)))
    assert (value["origin"], value["symbol"], value["interval"]) == ("sample", "IBM", "daily")
    assert (value["time"], value["row"]["open"]) == ("2026-11-20", "nan")


@given(poisons, st.sampled_from(Origin))
def test_poison_comes_back_byte_for_byte(found: Poison, origin: Origin) -> None:
    """Key, value, headers and place of a record that is no bar, whatever they are."""
    record = decode_quarantine(encode_poison(found, origin))
    original = must(record.original)
    assert (found.key, found.value) == (original_bytes(original.key), original_bytes(original.value))
    assert found.headers == original_headers(original)
    assert record.source is not None
    assert (found.topic, found.partition, found.offset, found.timestamp) == tuple(record.source.model_dump().values())
    assert (origin, found.reason, len(found.value or b"")) == (record.origin, record.reason, original.size)
    assert hashlib.sha256(found.value or b"").hexdigest() == original.sha256


def test_a_record_too_large_for_a_copy_is_named_by_its_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays where it stands; size and hash tell it."""
    monkeypatch.setattr(codec, "LARGEST_COPY", 10)
    for size in (10, 11):
        value = b"x" * size
        found = Poison("bars", 0, 0, 0, "why", b"IBM", value)
        original = must(decode_quarantine(encode_poison(found, Origin.LIVE)).original)
        assert (original.value is None) == (size == 11)
        assert (original.size, original.sha256) == (size, hashlib.sha256(value).hexdigest())


@pytest.mark.parametrize(
    ("key", "expected"), [(b"IBM", "IBM"), (b"ibm", None), (b"\xff", None), (b"", None), (None, None), (b"IBM\n", None)]
)
def test_a_quarantine_record_names_a_symbol_only_where_the_key_is_one(key: bytes | None, expected: str | None) -> None:
    """Anything may stand in a foreign record's key."""
    assert expected == symbol_in(key) == decode_quarantine(encode_poison(poison_with(key), Origin.LIVE)).symbol


def poison_with(key: bytes | None) -> Poison:
    """Return a poison record with this key."""
    return Poison("bars", 0, 0, 0, "why", key, b"x")


def must(original: Original | None) -> Original:
    """Return the copy that a quarantine record holds; its base64 is of the common kind."""
    assert original is not None
    for text in (original.key, original.value):
        assert text is None or base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    return original
