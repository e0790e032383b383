"""Records to Kafka: each one confirmed by the broker, or an error."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from flows.core.connections import KafkaConnection
from flows.core.errors import NotDelivered
from flows.core.redaction import redact
from flows.stream.clients import client

DELIVERY_SECONDS = 30
SETTINGS: Mapping[str, str | int | bool] = {
    "acks": "all",
    "enable.idempotence": True,
    # Kafka's Java clients put a key into the same partition.
    "partitioner": "murmur2_random",
    "delivery.timeout.ms": DELIVERY_SECONDS * 1000,
    "linger.ms": 5,
}


class Outgoing(NamedTuple):
    """One record to send; the key decides its partition."""

    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the broker confirmed: for each partition the first and the last offset."""

    topic: str
    offsets: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    count: int = 0


@dataclass(slots=True)
class _Deliveries:
    """Collects the broker's answers; the first error is kept."""

    offsets: dict[int, tuple[int, int]] = field(default_factory=dict)
    count: int = 0
    error: KafkaError | None = None

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """Take one answer, as librdkafka's delivery callback."""
        if error is not None:
            self.error = self.error or error
            return
        partition, offset = message.partition(), message.offset()
        if partition is None or offset is None:
            raise TypeError("a delivered message has a partition and an offset")
        first, last = self.offsets.get(partition, (offset, offset))
        self.offsets[partition] = (min(first, offset), max(last, offset))
        self.count += 1


def produce(
    connection: KafkaConnection, topic: str, records: Iterable[Outgoing], headers: Mapping[str, str], who: str
) -> Receipt:
    """Send `records` and wait until the broker has confirmed every one.

    Args:
        connection: The cluster.
        topic: The topic's full name.
        records: What to send, in this order per key.
        headers: Written on each record.
        who: The symbol and step that head an error's message.

    Raises:
        NotDelivered: At least one record was not confirmed within DELIVERY_SECONDS.
    """
    deliveries = _Deliveries()
    producer = client(Producer, connection, SETTINGS, who)
    header_list = list(headers.items())
    sent = 0
    for record in records:
        _enqueue(producer, topic, record, header_list, deliveries)
        sent += 1
    producer.flush(DELIVERY_SECONDS + 5)
    if deliveries.error is not None or deliveries.count != sent:
        why = deliveries.error.str() if deliveries.error else "the time ran out"
        raise NotDelivered(
            f"{who}: Kafka at {connection.address} confirmed {deliveries.count} of {sent} records for {topic}: "
            f"{redact(why, connection.secrets)}. It is tried again; check the kafka block if this repeats"
        )
    return Receipt(topic, deliveries.offsets, deliveries.count)


def _enqueue(
    producer: Producer, topic: str, record: Outgoing, headers: list[tuple[str, str]], deliveries: _Deliveries
) -> None:
    while True:
        try:
            producer.produce(topic, record.value, record.key, headers=list(headers), on_delivery=deliveries)
        except BufferError:
            producer.poll(0.1)
        except KafkaException as error:
            deliveries.error = deliveries.error or error.args[0]
            return
        else:
            producer.poll(0)
            return
