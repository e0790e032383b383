"""Tests of reading the bars topic into the ledger on the real broker: whatever stands there, and whatever became of it."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from sqlalchemy import func, select

from flows.core.bars import Origin
from flows.core.connections import KafkaConnection
from flows.ledger import tables
from flows.parts import Parts
from flows.quarantining import Listed, listed, release
from flows.steps import Run, connect, consume
from flows.stream.bar_codec import encode_bar
from flows.stream.codec import original_bytes
from flows.stream.produce import Outgoing, Sender
from flows.stream.records import BAR_SCHEMA
from flows.stream.topics import BARS, topic_name
from tests.broker.house import SOON, a_bar_of, ledger_of, parts_on, sessions
from tests.broker.records import admin
from tests.stream.records import produce

DAYS = sessions(40)
MANY = 10_000


@pytest.fixture
def parts(kafka: KafkaConnection, tmp_path: Path) -> Parts:
    """A ledger and topics of this test's own."""
    return parts_on(kafka, tmp_path)


def bars_topic(parts: Parts) -> str:
    """Return the full name of the topic that is read."""
    return topic_name(BARS, parts.kafka, parts.origin)


def good(days: Sequence[str], symbol: str = "IBM") -> list[Outgoing]:
    """Return bars of these days as records."""
    return [Outgoing(symbol, encode_bar(a_bar_of(symbol, day, number))) for number, day in enumerate(days)]


def send(parts: Parts, records: Sequence[Outgoing]) -> None:
    """Put records onto the bars topic, without headers."""
    produce(parts.kafka, bars_topic(parts), records, {}, "test")


def held(parts: Parts) -> int:
    """Return how many bars the ledger holds."""
    with ledger_of(parts).connect() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.bars)).scalar_one())


def remade(parts: Parts) -> None:
    """Delete the bars topic and make it anew."""
    client = admin(parts.kafka)
    client.delete_topics([bars_topic(parts)])[bars_topic(parts)].result(15)
    connect(parts)


def test_a_topic_made_anew_is_read_from_its_beginning(parts: Parts) -> None:
    """Also when it holds more records than were read of the one before: the cluster calls it by another id."""
    send(parts, good(DAYS[:5]))
    assert consume(parts, [], "run").notes == ()
    remade(parts)
    send(parts, good(DAYS[10:30]))
    found = consume(parts, [], "run")
    assert (found.bars, held(parts)) == (20, 25)
    assert "was deleted and made anew" in found.notes[0]


def test_records_that_were_deleted_unread_are_said(parts: Parts) -> None:
    """The rest is read, and the note tells which offsets are lost."""
    send(parts, good(DAYS[:5]))
    consume(parts, [], "run")
    send(parts, good(DAYS[5:15]))
    cut(parts, 12)
    found = consume(parts, [], "run")
    assert (found.bars, held(parts)) == (3, 8)
    assert "has lost offsets 5 to 11 before they were read" in found.notes[0]


def cut(parts: Parts, offset: int) -> None:
    """Delete the records before an offset of the partition that IBM is in."""
    client: AdminClient = admin(parts.kafka)
    place = TopicPartition(bars_topic(parts), 3, offset)
    client.delete_records([place])[place].result(15)


def test_sample_data_on_a_real_topic_is_left_out_and_said(parts: Parts) -> None:
    """It never comes into a ledger of other data, whoever sent it."""
    sample = a_bar_of("IBM", DAYS[0], 0)._replace(origin=Origin.SAMPLE)
    send(parts, [Outgoing("IBM", encode_bar(sample)), *good(DAYS[1:3])])
    found = consume(parts, [], "run")
    assert (found.bars, held(parts), "1 bars" in found.notes[0]) == (2, 2, True)


def test_another_cluster_is_read_whole_and_said(parts: Parts) -> None:
    """Offsets of a cluster with another id mean nothing here."""
    send(parts, good(DAYS[:5]))
    consume(parts, [], "run")
    with ledger_of(parts).begin() as connection:
        connection.execute(tables.offsets.update().values(cluster="another"))
    found = consume(parts, [], "run")
    assert (found.bars, held(parts), "read on another cluster before" in found.notes[0]) == (5, 5, True)


def test_an_aborted_transaction_is_not_read(parts: Parts) -> None:
    """Nor do the markers at its end keep the reading from ending."""
    producer = Producer({**parts.kafka.settings, "transactional.id": parts.kafka.prefix})
    producer.init_transactions(15)
    for days, end in ((DAYS[:3], producer.abort_transaction), (DAYS[3:5], producer.commit_transaction)):
        producer.begin_transaction()
        for record in good(days):
            producer.produce(bars_topic(parts), record.value, record.key)
        producer.flush(15)
        end(15)
    assert (consume(parts, [], "run").bars, held(parts)) == (2, 2)


def test_two_megabytes_of_poison_block_nobody(parts: Parts) -> None:
    """The record goes into quarantine with every byte, the bars before and behind it into the ledger."""
    poison = random.Random(1).randbytes(2_000_000)  # noqa: S311 - no secret
    large(parts)
    sender = Sender(parts.kafka, "test")
    for record in (*good(DAYS[:1]), Outgoing("IBM", poison), *good(DAYS[1:2])):
        sender.send_again(bars_topic(parts), record, [])
    found = consume(parts, [], "run")
    (one,) = listed(parts)
    original = one.entry.record.original
    assert (found.bars, held(parts)) == (2, 2)
    assert original is not None
    assert original_bytes(original.value) == poison
    assert one.entry.record.source is not None
    assert (one.entry.record.source.partition, one.entry.record.source.offset) == (3, 1)


def large(parts: Parts) -> None:
    """Let the bars topic take large records."""
    from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
    from confluent_kafka.admin._resource import ResourceType

    entry = ConfigEntry("max.message.bytes", "4000000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, bars_topic(parts), incremental_configs=[entry])
    client = admin(parts.kafka)
    client.incremental_alter_configs([resource])[resource].result(15)


@pytest.mark.parametrize("part", ["value", "key", "header"])
def test_ten_thousand_random_bytes_stop_nothing(parts: Parts, part: str) -> None:
    """Each record is a bar or in quarantine with a reason, and the ledger holds the bars that stood between them."""
    chance = random.Random(part)  # noqa: S311 - no secret
    bars = good(DAYS)
    producer = Producer({**parts.kafka.settings, "partitioner": "murmur2_random"})
    for number in range(MANY):
        key, value = bars[number % len(DAYS)]
        noise = chance.randbytes(chance.randrange(60))
        name = chance.choice(["schema", "origin", "x", "\u00e9\u4e2d", ""])
        headers: list[tuple[str, str | bytes | None]] = [(name, noise)] if part == "header" else []
        chosen = (noise, value) if part == "key" else (key, noise) if part == "value" else (key, value)
        producer.produce(bars_topic(parts), chosen[1], chosen[0], headers=headers)
        producer.poll(0)
    for key, value in bars:
        producer.produce(bars_topic(parts), value, key, headers=[("schema", BAR_SCHEMA)])
    assert producer.flush(30) == 0
    found = consume(parts, [], "run")
    aside = listed(parts)
    assert found.bars + len(aside) == MANY + len(bars)
    assert held(parts) == len(DAYS)
    assert all(one.entry.record.reason and one.entry.record.original for one in aside)


def test_what_is_released_comes_back_as_it_was(parts: Parts) -> None:
    """With its own key, value and headers, once, and remembered; what is still no bar is put back."""
    sender = Sender(parts.kafka, "test")
    sender.send_again(bars_topic(parts), Outgoing(b"\xff", b"no bar"), [("x", b"1")])
    consume(parts, [], "run")
    run = Run("run", "quarantine", SOON, SOON)
    (result,) = release(parts, run, listed(parts))
    assert result.done
    (again,) = release(parts, run, listed(parts))
    assert (again.done, "already" in again.said) == (False, True)
    consume(parts, [], "run")
    first, second = listed(parts)
    assert (bytes_of(first), first.released_at is not None) == (bytes_of(second), True)
    assert second.entry.record.original is not None
    assert [name for name, _ in second.entry.record.original.headers] == ["x", "released_from"]


def bytes_of(one: Listed) -> tuple[bytes | None, bytes | None]:
    """Return the key and the value of a record in quarantine."""
    original = one.entry.record.original
    assert original is not None
    return original_bytes(original.key), original_bytes(original.value)
