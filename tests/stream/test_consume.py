"""Tests of reading: all that stood there when reading began, from where it ended last time."""

import time
from collections.abc import Iterable

import pytest

from flows.core.bars import BarRevision
from flows.core.connections import KafkaConnection
from flows.core.errors import NextcloseError, Unreachable
from flows.core.positions import Stored
from flows.stream import clients, consume
from flows.stream.consume import reading
from flows.stream.produce import Outgoing
from flows.stream.reading import Batch
from tests.stream.records import DEAD, a_revision, outgoing, produce

FIRST = [a_revision(symbol, revision) for revision in range(5) for symbol in ("IBM", "MSFT", "AAPL")]
MORE = [a_revision("IBM", 5), a_revision("GOOG", 0)]


def send(connection: KafkaConnection, topic: str, records: list[BarRevision]) -> None:
    """Produce these bars."""
    produce(connection, topic, outgoing(*records), {}, "test, produce")


def read(
    connection: KafkaConnection, topic: str, stored: Iterable[Stored] = ()
) -> tuple[list[BarRevision], list[Stored], list[Batch]]:
    """Return the bars of one pass, the offsets to go on from, and the batches themselves."""
    with reading(connection, topic, stored) as opened:
        batches = list(opened.batches())
        place = (opened.cluster, opened.topic_id)
    after = {p: offset for batch in batches for p, offset in batch.next_offsets.items()}
    kept = [found for found in stored if found.partition not in after]
    now = [Stored(*place, p, offset) for p, offset in after.items()]
    return [bar for batch in batches for bar in batch.bars], sorted([*kept, *now]), batches


def test_all_that_was_sent_is_read_and_then_only_what_is_new(broker: KafkaConnection, topic: str) -> None:
    """From the stored offsets on nothing is read twice or left out, and each symbol's order is kept."""
    send(broker, topic, FIRST)
    bars, stored, _ = read(broker, topic)
    assert sorted(FIRST) == sorted(bars)
    for symbol in ("IBM", "MSFT", "AAPL"):
        assert list(range(5)) == [bar.revision for bar in bars if bar.symbol == symbol]
    before = time.monotonic()
    assert ([], stored) == read(broker, topic, stored)[:2]
    assert time.monotonic() - before < 0.4
    send(broker, topic, MORE)
    assert sorted(MORE) == sorted(read(broker, topic, stored)[0])


def test_the_end_is_where_it_was_when_reading_began(broker: KafkaConnection, topic: str) -> None:
    """Records that arrive meanwhile belong to the next pass."""
    send(broker, topic, FIRST)
    with reading(broker, topic, []) as opened:
        send(broker, topic, [a_revision("IBM", 99), a_revision("GOOG", 99)])
        batches = list(opened.batches())
    assert sorted(FIRST) == sorted(bar for batch in batches for bar in batch.bars)
    assert all(offset <= opened.ends[p] for batch in batches for p, offset in batch.next_offsets.items())


def test_poison_is_reported_and_stops_nobody(broker: KafkaConnection, topic: str) -> None:
    """A record that is no bar is named by its place and its fault; the bars around it are read."""
    good = outgoing(a_revision("IBM", 0), a_revision("IBM", 1))
    records = [good[0], Outgoing("IBM", b"poison"), Outgoing("IBM", b""), good[1]]
    receipt = produce(broker, topic, records, {}, "test, produce")
    ((partition, _),) = receipt.offsets.items()
    bars, stored, batches = read(broker, topic)
    assert [bar.revision for bar in bars] == [0, 1]
    poison = [found for batch in batches for found in batch.poison]
    assert [(topic, partition, 1), (topic, partition, 2)] == [(p.topic, p.partition, p.offset) for p in poison]
    assert all("no bar of nextclose.bar.v1" in found.reason for found in poison)
    assert [(partition, 4)] == [(found.partition, found.next_offset) for found in stored]


def test_an_offset_that_the_topic_does_not_have_means_its_beginning(broker: KafkaConnection, topic: str) -> None:
    """A topic that was made anew is read whole."""
    send(broker, topic, FIRST)
    with reading(broker, topic, []) as opened:
        cluster, partitions = opened.cluster, list(opened.ends)
    for offset in (1_000, -5):
        with reading(broker, topic, [Stored(cluster, "", p, offset) for p in partitions]) as opened:
            assert sum(opened.ends.values()) - sum(opened.starts.values()) == len(FIRST)
            assert all("is read from its beginning" in note or "has lost offsets" in note for note in opened.notes)
            assert len(partitions) == len(opened.notes)


def test_offsets_of_another_cluster_do_not_count(broker: KafkaConnection, topic: str) -> None:
    """The embedded broker forgets at its end; its offsets mean nothing to the next one."""
    send(broker, topic, [a_revision()])
    with reading(broker, topic, [Stored("another", "", partition, 1) for partition in range(4)]) as opened:
        assert "was read on another cluster before" in opened.notes[0]
        assert sum(opened.ends.values()) - sum(opened.starts.values()) == 1


def test_an_empty_topic_has_nothing_to_wait_for(broker: KafkaConnection, topic: str) -> None:
    """A reading of nothing ends at once."""
    before = time.monotonic()
    assert read(broker, topic) == ([], [], [])
    assert time.monotonic() - before < 0.4


def test_large_topics_come_in_batches(broker: KafkaConnection, topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch tells from where to go on, so that an interrupted reading loses nothing."""
    monkeypatch.setattr(consume, "BATCH", 10)
    send(broker, topic, [a_revision("IBM", revision) for revision in range(25)])
    bars, stored, batches = read(broker, topic)
    assert (list(range(25)), [25]) == ([bar.revision for bar in bars], [found.next_offset for found in stored])
    assert all(len(batch.bars) <= 10 for batch in batches)
    place = stored[0]._replace(next_offset=batches[0].next_offsets[stored[0].partition])
    again, _, _ = read(broker, topic, [place])
    assert bars[len(batches[0].bars) :] == again


def test_a_dead_port_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the address and what to look at."""
    monkeypatch.setattr(clients, "CONTACT_SECONDS", 0.3)
    with pytest.raises(Unreachable, match=r"^consume: Kafka at 127.0.0.1:1 does not answer: .*kafka block"):
        read(DEAD, "bars")


def test_a_setting_that_does_not_exist_is_a_configuration_to_fix() -> None:
    """A typing error in the block's settings is told as one."""
    wrong = KafkaConnection({"bootstrap.servers": "127.0.0.1:1", "sasl.mechanismus": "PLAIN"})
    with pytest.raises(NextcloseError) as caught:
        read(wrong, "bars")
    assert caught.value.kind == "configuration"
