"""Tests of sending: each record confirmed, or an error."""

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME

from flows.core.connections import KafkaConnection
from flows.core.errors import FixConfiguration, NextcloseError, NotDelivered
from flows.stream.produce import Outgoing, Receipt
from flows.stream.topics import LARGEST_RECORD
from tests.stream.records import DEAD, a_revision, outgoing, produce, raw_messages

HEADERS = {"schema": "nextclose.bar.v1", "origin": "sample", "run_id": "run-1"}


def test_every_record_is_confirmed_with_its_offset(broker: KafkaConnection, topic: str) -> None:
    """The receipt counts all records and spans their offsets, also when more follow."""
    first = produce(broker, topic, outgoing(*[a_revision()] * 10), HEADERS, "IBM, produce")
    second = produce(broker, topic, outgoing(*[a_revision()] * 5), HEADERS, "IBM, produce")
    ((partition, _),) = first.offsets.items()
    assert Receipt(topic, {partition: (0, 9)}, 10) == first
    assert Receipt(topic, {partition: (10, 14)}, 5) == second


def test_a_record_carries_key_value_and_headers(broker: KafkaConnection, topic: str) -> None:
    """What stands on the topic can be told apart without opening the value."""
    (record,) = outgoing(a_revision())
    produce(broker, topic, [record], HEADERS, "IBM, produce")
    (message,) = raw_messages(broker, topic, 1)
    assert (b"IBM", record.value) == (message.key(), message.value())
    assert {name: text.encode() for name, text in HEADERS.items()} == dict(message.headers() or [])
    assert message.timestamp()[0] == TIMESTAMP_CREATE_TIME


def test_a_symbol_keeps_its_partition_and_its_order(broker: KafkaConnection, topic: str) -> None:
    """All records of one symbol stand in one partition, in the order in which they were sent."""
    sent = [a_revision(symbol, revision) for revision in range(20) for symbol in ("IBM", "MSFT", "AAPL", "GOOG")]
    receipt = produce(broker, topic, outgoing(*sent), HEADERS, "all, produce")
    messages = raw_messages(broker, topic, 80)
    for symbol in ("IBM", "MSFT", "AAPL", "GOOG"):
        mine = [message for message in messages if message.key() == symbol.encode()]
        assert len({message.partition() for message in mine}) == 1
        assert [record.value for record in outgoing(*sent) if record.key == symbol] == [m.value() for m in mine]
    assert sum(last - first + 1 for first, last in receipt.offsets.values()) == receipt.count == 80


def test_nothing_to_send_needs_no_broker() -> None:
    """An empty receipt, and no wait for a cluster that does not answer."""
    assert Receipt("bars", {}, 0) == produce(DEAD, "bars", [], HEADERS, "IBM, produce")


def test_more_records_than_the_queue_holds_are_all_sent(broker: KafkaConnection, topic: str) -> None:
    """A full queue is waited for, not dropped."""
    narrow = KafkaConnection({**broker.settings, "queue.buffering.max.messages": 100}, embedded=True)
    assert produce(narrow, topic, [Outgoing("IBM", b"{}")] * 3_000, {}, "IBM, produce").count == 3_000


def test_a_dead_port_confirms_nothing() -> None:
    """The error names symbol, step, address and numbers."""
    with pytest.raises(NotDelivered) as caught:
        produce(DEAD, "bars", outgoing(a_revision(), a_revision()), HEADERS, "IBM, produce")
    assert str(caught.value).startswith("IBM, produce: Kafka at 127.0.0.1:1 confirmed 0 of 2 records for bars: ")


def test_a_record_that_is_too_large_is_an_error_of_ours(broker: KafkaConnection, topic: str) -> None:
    """A record beyond the largest that we send is told with what to raise; those before it are on the topic."""
    records = [Outgoing("IBM", b"{}"), Outgoing("IBM", b"x" * (LARGEST_RECORD + 1)), Outgoing("IBM", b"{}")]
    with pytest.raises(FixConfiguration, match=r"^IBM, produce: .* takes no record this large .*max\.message\.bytes"):
        produce(broker, topic, records, {}, "IBM, produce")
    assert [message.value() for message in raw_messages(broker, topic, 1)] == [b"{}"]


def test_a_setting_that_does_not_exist_is_a_configuration_to_fix() -> None:
    """A typing error in the block's settings is told as one."""
    wrong = KafkaConnection({"bootstrap.servers": "127.0.0.1:1", "sasl.mechanismus": "PLAIN"})
    with pytest.raises(NextcloseError) as caught:
        produce(wrong, "bars", outgoing(a_revision()), HEADERS, "IBM, produce")
    assert caught.value.kind == "configuration"
