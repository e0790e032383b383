"""Tests of what messages of the bars topic carry: bars, and poison with its reason."""

import pytest
from confluent_kafka import Message
from hypothesis import given
from hypothesis import strategies as st

from flows.core.bars import BarRevision
from flows.stream.bar_codec import encode_bar
from flows.stream.reading import Batch, HeaderList, gathered, headers_of, read_batch, unframed
from flows.stream.records import BAR_SCHEMA
from tests.stream.records import a_revision, revisions

RIGHT: HeaderList = [("schema", BAR_SCHEMA.encode()), ("origin", b"sample"), ("run_id", b"run")]
BAR = a_revision()
contents = st.none() | st.binary(max_size=40) | revisions.map(encode_bar)
names = st.sampled_from(["schema", "origin", "run_id", ""]) | st.text(max_size=5)
values = st.none() | st.binary(max_size=20) | st.sampled_from([BAR_SCHEMA.encode(), b"sample", b"live"])


def a_message(
    value: bytes | None, key: bytes | None = b"IBM", headers: HeaderList | None = None, offset: int = 0
) -> Message:
    """Return a message of the bars topic's partition 3."""
    return Message(
        topic="bars",
        partition=3,
        offset=offset,
        key=key,
        value=value,
        headers=headers,
        timestamp=(1, 1_700_000_000_000),
    )


def reasons(*messages: Message) -> list[str]:
    """Return why messages are poison."""
    return [found.reason for found in read_batch(messages).poison]


@given(st.lists(revisions, max_size=5))
def test_bars_are_read_in_the_order_in_which_they_stand(given_revisions: list[BarRevision]) -> None:
    """With the offset to go on from, and nothing set aside."""
    batch = read_batch(
        [a_message(encode_bar(r), r.symbol.encode(), offset=10 + n) for n, r in enumerate(given_revisions)]
    )
    assert (tuple(given_revisions), ()) == (batch.bars, batch.poison)
    assert ({3: 10 + len(given_revisions)} if given_revisions else {}) == batch.next_offsets


@given(st.lists(st.tuples(contents, contents, st.none() | st.lists(st.tuples(names, values), max_size=3)), max_size=6))
def test_each_record_is_a_bar_or_poison_with_a_reason(
    given_records: list[tuple[bytes | None, bytes | None, HeaderList | None]],
) -> None:
    """Whatever stands there, nothing is raised, nothing is lost, and poison is kept as it came."""
    messages = [a_message(*record, offset=n) for n, record in enumerate(given_records)]
    batch = read_batch(messages)
    assert len(batch.bars) + len(batch.poison) == len(messages)
    assert ({3: len(messages)} if messages else {}) == batch.next_offsets
    for found in batch.poison:
        value, key, headers = given_records[found.offset]
        assert (value, key, tuple(headers or ())) == (found.value, found.key, found.headers)
        assert (found.topic, found.partition, bool(found.reason)) == ("bars", 3, True)


@pytest.mark.parametrize("key", [None, b"", b"MSFT", b"ibm", b"IBM\x00", b"\xff"])
def test_a_key_that_is_not_the_bars_symbol_is_poison(key: bytes | None) -> None:
    """The key decides the partition: the record would stand beside the symbol's others in no order."""
    (reason,) = reasons(a_message(encode_bar(BAR), key))
    shown = "missing" if key is None else repr(key)
    assert reason.startswith(f"the record's key is {shown}, but its bar is IBM's")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("schema", b"nextclose.bar.v2"), "says that it follows b'nextclose.bar.v2', and not nextclose.bar.v1"),
        (("schema", None), "says that it follows missing"),
        (("origin", b"live"), "names the origin b'live', its value sample"),
        (("origin", b""), "names the origin b'', its value sample"),
    ],
)
def test_a_header_that_contradicts_the_value_is_poison(header: tuple[str, bytes | None], said: str) -> None:
    """An unknown version, or sample data in disguise, is not taken for a bar; also among headers that are right."""
    good = a_message(encode_bar(BAR), headers=RIGHT)
    given_headers: list[HeaderList] = [[header], [*RIGHT, header], [header, *RIGHT]]
    for headers in given_headers:
        (reason,) = reasons(good, a_message(encode_bar(BAR), headers=headers), good)
        assert said in reason


@pytest.mark.parametrize("headers", [None, [], RIGHT, RIGHT[::-1], [("other", b"\xff")], [("other", None), *RIGHT]])
def test_other_headers_change_nothing(headers: HeaderList | None) -> None:
    """Another program may write its own, or none."""
    batch = read_batch([a_message(encode_bar(BAR), headers=RIGHT), a_message(encode_bar(BAR), headers=headers)])
    assert (batch.bars, batch.poison) == ((BAR, BAR), ())
    assert tuple(headers or ()) == headers_of(a_message(b"", headers=headers))


def test_right_headers_of_one_origin_vouch_for_no_other() -> None:
    """What was looked at once is remembered for bars of the same origin only."""
    live = BAR._replace(origin=type(BAR.origin)("live"))
    messages = [a_message(encode_bar(BAR), headers=RIGHT), a_message(encode_bar(live), headers=RIGHT)]
    assert len(reasons(*messages)) == 1


@given(st.binary(), st.binary(min_size=4, max_size=4))
def test_a_registrys_frame_is_taken_off(value: bytes, number: bytes) -> None:
    """What stands behind it is what was hashed."""
    assert value == unframed(b"\x00" + number + value)
    assert value[:1] == b"\x00" or value == unframed(value)


@given(st.lists(st.integers(0, 3), max_size=20), st.integers(1, 7))
def test_batches_put_together_hold_the_same(partitions: list[int], count: int) -> None:
    """Every bar in its order, and for each partition the offset behind its last record."""
    batches = [Batch((BAR,), {partition: number}) for number, partition in enumerate(partitions)]
    found = list(gathered(batches, count))
    assert len(found) == -(-len(batches) // count)
    assert [bar for batch in found for bar in batch.bars] == [BAR] * len(batches)
    ends = {partition: offset for batch in found for partition, offset in batch.next_offsets.items()}
    assert {partition: number for number, partition in enumerate(partitions)} == ends
