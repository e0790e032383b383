"""Topics and records by the plainest clients, to look at the broker with other eyes than nextclose's."""

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from flows.core.connections import KafkaConnection

SECONDS = 15
QUIET = {"log_level": 0}


def admin(way: KafkaConnection) -> AdminClient:
    """Return an AdminClient; it must outlive the futures that it hands out."""
    return AdminClient({**way.settings, **QUIET})


def make_topic(way: KafkaConnection, name: str = "records", partitions: int = 1) -> str:
    """Create a topic with the connection's prefix; return its full name."""
    topic = way.prefix + name
    client = admin(way)
    client.create_topics([NewTopic(topic, partitions, 1)])[topic].result(SECONDS)
    return topic


def send(way: KafkaConnection, topic: str, *values: str) -> KafkaError | None:
    """Send records; return the first error, or None when all are acknowledged."""
    errors: list[KafkaError | None] = []
    producer = Producer({"acks": "all", "message.timeout.ms": 1000 * SECONDS, **way.settings, **QUIET})
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(SECONDS + 5) == 0
    return next((error for error in errors if error is not None), None)


def read(way: KafkaConnection, topic: str, count: int) -> list[str]:
    """Return the first records of a topic's partition 0."""
    consumer = Consumer({"group.id": "nobody", "enable.auto.commit": False, **way.settings, **QUIET})
    consumer.assign([TopicPartition(topic, 0, 0)])
    found = consumer.consume(count, timeout=SECONDS)
    consumer.close()
    return [(message.value() or b"").decode() for message in found]
