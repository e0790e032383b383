"""A Kafka broker inside this process: librdkafka's mock cluster. It forgets everything when it ends."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Producer

from flows.core.connections import KafkaConnection

_log = logging.getLogger("nextclose.kafka")


@contextmanager
def embedded_broker(prefix: str = "") -> Iterator[KafkaConnection]:
    """Run a broker on a free loopback port and hand out the way to it."""
    # The cluster lives as long as the producer that owns it; everybody else comes in by its port.
    owner = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock"}, logger=_log)
    brokers = owner.list_topics(timeout=10).brokers.values()
    address = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    yield KafkaConnection({"bootstrap.servers": address}, prefix=prefix, embedded=True)
    owner.flush(0)
