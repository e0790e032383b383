"""The quarantine topic: what could not be used, to be looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from flows.core.connections import KafkaConnection
from flows.core.errors import RejectData
from flows.stream.clients import client
from flows.stream.codec import decode_quarantine
from flows.stream.consume import HARMLESS, PATIENCE, REQUEST_SECONDS, SETTINGS, reading
from flows.stream.faults import explained
from flows.stream.reading import unframed
from flows.stream.records import QuarantineRecord


@dataclass(frozen=True, slots=True)
class Entry:
    """One record in quarantine, and where it stands."""

    cluster: str
    topic: str
    partition: int
    offset: int
    put_at: datetime
    record: QuarantineRecord

    @property
    def id(self) -> str:
        """What a person calls it by."""
        return f"{self.partition}-{self.offset}"


def read_quarantine(connection: KafkaConnection, topic: str) -> Iterator[Entry]:
    """Yield what is in quarantine; records that are none of ours are passed over.

    Raises:
        Unreachable: The broker does not answer.
        FixConfiguration: It refuses the login or the topic, or has no such topic.
    """
    with reading(connection, topic, [], "quarantine") as opened:
        for message in (message for batch in opened.messages() for message in batch):
            try:
                record = decode_quarantine(unframed(value_of(message)))
            except RejectData:
                continue
            put_at = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
            place = (int(message.partition() or 0), int(message.offset() or 0))
            yield Entry(opened.cluster, topic, *place, put_at, record)


def message_at(connection: KafkaConnection, topic: str, partition: int, offset: int) -> Message | None:
    """Return the one record at this place; None if it is not there any more.

    Raises:
        Unreachable: The broker does not answer.
        FixConfiguration: It refuses the login or the topic, or has no such topic.
    """
    consumer = client(Consumer, connection, SETTINGS, "quarantine")
    place = TopicPartition(topic, partition, offset)
    try:
        first, end = consumer.get_watermark_offsets(place, timeout=REQUEST_SECONDS)
        if not first <= offset < end:
            # Nothing ever comes from behind the end, and it would be waited for.
            return None
        consumer.assign([place])
        found = consumer.consume(1, timeout=PATIENCE)
        while found and (error := found[0].error()) is not None and error.code() in HARMLESS:
            found = consumer.consume(1, timeout=PATIENCE)
        return found[0] if found and found[0].error() is None and found[0].offset() == offset else None
    except KafkaException as error:
        raise explained(error.args[0], connection, "quarantine", topic) from None
    finally:
        consumer.close()


def value_of(message: Message) -> bytes:
    """Return a message's value; nothing where it has none."""
    value = message.value()
    return value if isinstance(value, bytes) else b""
