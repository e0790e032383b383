"""Tests of how far each reader has read a topic."""

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from flows.core.positions import Stored
from flows.ledger.bars import LEDGER, STREAM, ReadUpTo, keep_bars, stored_offsets, topic_read
from tests.ledger.ledgers import a_ledger, a_revision, read_up_to

readings = st.builds(
    ReadUpTo,
    reader=st.sampled_from([LEDGER, STREAM]),
    cluster=st.sampled_from(["one", "two"]),
    topic=st.sampled_from(["bars", "sample.bars"]),
    topic_id=st.sampled_from(["", "id-1", "id-2"]),
    next_offsets=st.dictionaries(st.integers(0, 3), st.integers(0, 2**63 - 1), max_size=3),
)


def test_each_reader_goes_on_from_where_it_was_itself(ledger: Engine) -> None:
    """The stream and the ledger read the same topic, and neither moves the other."""
    keep_bars(ledger, [a_revision("2026-11-20")], read_up_to(p0=5))
    assert stored_offsets(ledger, "bars", STREAM) == []
    keep_bars(ledger, [], read_up_to(reader=STREAM, p0=2))
    assert [Stored("one", "", 0, 5)] == stored_offsets(ledger, "bars")
    assert [Stored("one", "", 0, 2)] == stored_offsets(ledger, "bars", STREAM)
    assert [Stored("one", "", 0, 5)] == topic_read(ledger, "bars")
    assert topic_read(ledger, "other") == []


def test_a_topic_made_anew_takes_the_place_of_the_old_one(ledger: Engine) -> None:
    """Of a partition the newest reading is remembered, with the id of the topic that was read."""
    keep_bars(ledger, [], read_up_to(topic_id="id-1", p0=5, p1=6))
    keep_bars(ledger, [], read_up_to(topic_id="id-2", p0=3))
    assert [Stored("one", "id-1", 1, 6), Stored("one", "id-2", 0, 3)] == sorted(stored_offsets(ledger, "bars"))


@settings(max_examples=20)
@given(st.lists(readings, max_size=8))
def test_offsets_are_remembered_like_in_a_dictionary(given_readings: list[ReadUpTo]) -> None:
    """For each reader, topic, cluster and partition the last one counts."""
    expected: dict[tuple[str, str], dict[tuple[str, int], Stored]] = {}
    with a_ledger() as ledger:
        for reading in given_readings:
            keep_bars(ledger, [], reading)
            for p, offset in reading.next_offsets.items():
                known = expected.setdefault((reading.topic, reading.reader), {})
                known[reading.cluster, p] = Stored(reading.cluster, reading.topic_id, p, offset)
        for topic in ("bars", "sample.bars"):
            for reader in (LEDGER, STREAM):
                found = stored_offsets(ledger, topic, reader)
                assert sorted(expected.get((topic, reader), {}).values()) == sorted(found)
