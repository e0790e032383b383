"""Tests of what stands on the topics."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.core.bars import BarRevision, Interval, Origin, SeriesId
from flows.core.cleaning import RawBar, RejectedBar
from flows.core.errors import RejectData
from flows.stream.codec import (
    BAR_SCHEMA,
    ForecastRecord,
    QuarantineRecord,
    decode_bar,
    encode_bar,
    encode_forecast,
    encode_rejected,
)
from tests.core.examples import a_forecast
from tests.stream.records import a_revision, revisions

SERIES = SeriesId(Origin.SAMPLE, "IBM", Interval.DAILY)
VALUE = json.loads(encode_bar(a_revision()))
cells = st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(), st.lists(st.text()))


def changed(**fields: Any) -> bytes:
    """Return a bar's value with these fields changed, or left out where None stands for nothing."""
    return json.dumps({**VALUE, **fields}).encode()


@given(revisions)
def test_a_bar_comes_back_as_it_was_sent(revision: BarRevision) -> None:
    """Encoding and decoding change nothing, to the last bit of every number."""
    assert revision == decode_bar(encode_bar(revision))


@given(revisions, st.integers(-23 * 60, 23 * 60))
def test_an_instant_comes_back_from_any_clock(revision: BarRevision, minutes: int) -> None:
    """The time of receipt is an instant, whatever zone it was written in."""
    elsewhere = revision.received_at.astimezone(timezone(timedelta(minutes=minutes)))
    assert revision == decode_bar(encode_bar(revision._replace(received_at=elsewhere)))


@given(st.binary())
def test_noise_is_rejected(value: bytes) -> None:
    """Bytes that are no bar lead to one error, which names the schema."""
    with pytest.raises(RejectData, match=f"no bar of {BAR_SCHEMA}"):
        decode_bar(value)


@given(revisions, st.data())
def test_a_damaged_bar_is_rejected_or_is_a_bar(revision: BarRevision, data: st.DataObject) -> None:
    """A few wrong bytes never raise anything but our own error."""
    value = bytearray(encode_bar(revision))
    for place in data.draw(st.lists(st.integers(0, len(value) - 1), min_size=1, max_size=3)):
        value[place] = data.draw(st.integers(0, 255))
    try:
        found = decode_bar(bytes(value))
    except RejectData:
        return
    assert isinstance(found, BarRevision)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (changed(close=0), "close"),
        (changed(close=-1), "close"),
        (changed(open=None), "open"),
        (changed(volume=-1), "volume"),
        (changed(close="Infinity"), "close"),
        (changed(close=1e400), "close"),
        (changed(symbol=""), "symbol"),
        (changed(symbol="X" * 31), "symbol"),
        (changed(time="2026-11-31"), "time"),
        (changed(time="20261120"), "time"),
        (changed(time="2026-11-20T00:00:00"), "time"),
        (changed(received_at="2026-11-20T22:00:00"), "received_at"),
        (changed(revision=-1), "revision"),
        (changed(revision=0.5), "revision"),
        (changed(origin="real"), "origin"),
        (changed(interval="hourly"), "interval"),
        (changed(low=100.5), "value"),
        (changed(high=100.5), "value"),
        (b"{}", "origin"),
        (b"[]", "value"),
        (b"", "value"),
    ],
)
def test_a_value_against_the_schema_is_rejected_with_its_place(value: bytes, where: str) -> None:
    """The error names the field, so that a poison record can be understood."""
    with pytest.raises(RejectData, match=f"the record is no bar of {BAR_SCHEMA}: {where}: "):
        decode_bar(value)


@pytest.mark.parametrize(
    "value",
    [
        changed(received_at="0001-01-01T00:00:00+14:00"),
        changed(received_at="9999-12-31T23:59:59-12:00"),
        changed(revision=10**24),
    ],
    ids=["too early", "too late", "revision"],
)
def test_a_bar_that_no_ledger_can_hold_is_rejected(value: bytes) -> None:
    """An instant that UTC has no date for, or a number beyond 64 bits, would stop every later reading."""
    with pytest.raises(RejectData, match=f"no bar of {BAR_SCHEMA}"):
        decode_bar(value)


def test_a_field_that_is_not_known_yet_is_no_fault() -> None:
    """A later version may say more."""
    assert a_revision() == decode_bar(changed(currency="USD"))


def test_an_error_shows_nothing_of_the_value() -> None:
    """What stood in the record is not repeated in a log."""
    with pytest.raises(RejectData) as caught:
        decode_bar(changed(close="planted-key-0123456789"))
    assert "planted" not in str(caught.value)


def test_a_forecast_is_written_with_all_that_its_schema_names() -> None:
    """The record follows its schema, and names its forecast by the id."""
    forecast = a_forecast()
    record = ForecastRecord.model_validate_json(encode_forecast(forecast))
    assert (forecast.forecast_id, "2026-11-20", "2026-11-23") == (record.forecast_id, record.as_of, record.target)
    assert (record.point, record.lower80, record.upper95) == (232.41, 228.9, 239.0)
    assert (forecast.issued_at, datetime(2026, 11, 23, 21, tzinfo=UTC)) == (record.issued_at, record.target_closes_at)


def test_a_forecast_without_a_finite_limit_is_no_record() -> None:
    """Readers of the topic never meet a number that JSON cannot write."""
    with pytest.raises(ValidationError):
        encode_forecast(a_forecast(upper95=float("inf")))


@given(st.builds(RawBar, cells, cells, cells, cells, cells, cells), st.text())
def test_any_rejected_row_can_be_written(row: RawBar, reason: str) -> None:
    """Every value is kept as text, a missing one as null, so that the quarantine shows what came."""
    record = QuarantineRecord.model_validate_json(encode_rejected(SERIES, RejectedBar(None, reason, row)))
    expected = {name: None if value is None else str(value)[:200] for name, value in row._asdict().items()}
    assert (expected, reason) == (dict(record.row), record.reason)


def test_a_rejected_row_names_its_series() -> None:
    """Symbol, interval, origin and day stand beside the row."""
    row = RawBar("2026-11-20", "nan", "2", "1", "1", "0")
    value = orjson.loads(encode_rejected(SERIES, RejectedBar("2026-11-20", "open 'nan' is not a finite number", row)))
    assert (value["origin"], value["symbol"], value["interval"]) == ("sample", "IBM", "daily")
    assert (value["time"], value["row"]["open"]) == ("2026-11-20", "nan")
