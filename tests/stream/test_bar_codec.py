"""Tests of bars as bytes: one quick way with the same checks as the thorough one."""

import json
from datetime import timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.core.bars import BarRevision
from flows.core.errors import RejectData
from flows.stream.bar_codec import _thorough, decode_bar, encode_bar, quick_bar
from flows.stream.records import BAR_SCHEMA
from tests.stream.records import a_revision, revisions

VALUE = json.loads(encode_bar(a_revision()))
FOREIGN = ["", "IBM", "ibm", "IBM\n", "1min", "2026-11-20", "2026-11-20T20:55:00Z", "2026-11-20T22:00:00Z", "live"]
numbers = st.sampled_from([0, 1, 100.0, 1e400, 2**31, 2**63, 2**64]) | st.floats(allow_nan=False) | st.integers()
contents = st.one_of(st.none(), st.booleans(), numbers, st.sampled_from(FOREIGN), st.text(), st.just([]), st.just({}))


def changed(**fields: Any) -> bytes:
    """Return a bar's value with these fields changed."""
    return json.dumps({**VALUE, **fields}).encode()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw a bar's value with a few wrong bytes."""
    value = bytearray(encode_bar(draw(revisions)))
    for place in draw(st.lists(st.integers(0, len(value) - 1), min_size=1, max_size=3)):
        value[place] = draw(st.integers(0, 255))
    return bytes(value)


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """Draw a bar's value with a few fields that hold something else, or are missing."""
    value = json.loads(encode_bar(draw(revisions)))
    for name in draw(st.lists(st.sampled_from(list(VALUE)), min_size=1, max_size=3)):
        value[name] = draw(contents)
    for name in draw(st.lists(st.sampled_from(list(VALUE)), max_size=1)):
        del value[name]
    return json.dumps(value).encode()


def outcome(decode: Any, value: bytes) -> BarRevision | str:
    """Return the bar that a way of decoding gives, or its sentence."""
    try:
        found: BarRevision = decode(value)
    except RejectData as error:
        return str(error)
    return found


@given(revisions)
def test_a_bar_comes_back_as_it_was_sent(revision: BarRevision) -> None:
    """Encoding and decoding change nothing, to the last bit of every number."""
    assert revision == decode_bar(encode_bar(revision))


@given(revisions)
def test_our_own_bars_take_the_quick_way(revision: BarRevision) -> None:
    """What we write needs no second look, and the second look would say the same, types included."""
    value = encode_bar(revision)
    quick, thorough = quick_bar(value), _thorough(value)
    assert quick is not None
    assert revision == quick == thorough
    assert [type(x) for x in (*quick, *quick.bar)] == [type(x) for x in (*thorough, *thorough.bar)]


@given(st.one_of(revisions.map(encode_bar), damaged(), altered(), st.binary()))
@example(changed(received_at="2026-11-20T22:00:00Z"))
@example(changed(revision=True))
@example(changed(revision=2**31))
@example(changed(time="2026-11-20T20:55:00Z"))
@example(changed(symbol="IBM\n"))
@example(changed(low=1e308, open=1e308, close=1e308, high=1e400))
def test_the_quick_way_accepts_nothing_that_the_thorough_one_does_not(value: bytes) -> None:
    """Either it gives the thorough one's bar, or it leaves the value to it."""
    quick = quick_bar(value)
    assert quick is None or quick == _thorough(value)


@given(st.one_of(revisions.map(encode_bar), damaged(), altered()))
def test_decoding_is_the_thorough_way_madequick_bar(value: bytes) -> None:
    """For bars as for anything else the two say the same, word for word."""
    assert outcome(_thorough, value) == outcome(decode_bar, value)


@given(st.permutations(list(VALUE)), st.sampled_from([None, 2]))
def test_the_order_of_the_fields_and_the_blanks_do_not_matter(names: list[str], indent: int | None) -> None:
    """Another program may write the same bar in its own way."""
    value = json.dumps({name: VALUE[name] for name in names}, indent=indent).encode()
    assert a_revision() == decode_bar(value)


@given(revisions, st.binary(min_size=4, max_size=4))
def test_a_registrys_frame_may_stand_before_a_bar(revision: BarRevision, number: bytes) -> None:
    """Confluent's serializers write a zero and the schema's number first."""
    assert revision == decode_bar(b"\x00" + number + encode_bar(revision))


@given(st.binary(max_size=4))
def test_a_frame_alone_is_rejected(number: bytes) -> None:
    """A frame without a value, or less than a frame, is no bar."""
    with pytest.raises(RejectData, match=f"no bar of {BAR_SCHEMA}"):
        decode_bar(b"\x00" + number)


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


@given(damaged())
def test_a_damaged_bar_is_rejected_or_is_a_bar(value: bytes) -> None:
    """A few wrong bytes never raise anything but our own error."""
    try:
        found = decode_bar(value)
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
        (changed(symbol="ibm"), "symbol"),
        (changed(symbol="I B"), "symbol"),
        (changed(symbol="IBM\n"), "symbol"),
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
        (changed(interval="5min"), "value"),
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
    assert a_revision() == decode_bar(orjson.dumps({**VALUE, "currency": "USD"}))


def test_an_error_shows_nothing_of_the_value() -> None:
    """What stood in the record is not repeated in a log."""
    with pytest.raises(RejectData) as caught:
        decode_bar(changed(close="planted-key-0123456789"))
    assert "planted" not in str(caught.value)
