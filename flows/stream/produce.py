"""Records to Kafka: each one confirmed by the broker, or an error."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from confluent_kafka import KafkaException, Producer

from flows.core.connections import KafkaConnection
from flows.core.errors import NextcloseError, NotDelivered
from flows.core.redaction import redact
from flows.stream.clients import client
from flows.stream.deliveries import Deliveries
from flows.stream.faults import Faults, explained, is_lasting
from flows.stream.registry import framing
from flows.stream.topics import LARGEST_RECORD

DELIVERY_SECONDS = 75
"""How long a record may take: a broker that is away for a minute costs patience, and no record."""
SETTINGS: Mapping[str, str | int | bool] = {
    "acks": "all",
    "enable.idempotence": True,
    # Kafka's Java clients put a key into the same partition.
    "partitioner": "murmur2_random",
    "delivery.timeout.ms": DELIVERY_SECONDS * 1000,
    "topic.metadata.propagation.max.ms": 10_000,
    "linger.ms": 5,
    "queue.buffering.max.messages": 100_000,
    "queue.buffering.max.kbytes": 64 * 1024,
    "message.max.bytes": LARGEST_RECORD,
}
CLUSTER_SECONDS = 10.0
SERVED_AFTER = 1_000
"""Records between two looks at the broker's answers."""

HeaderList = list[tuple[str, str | bytes | None]]


class Outgoing(NamedTuple):
    """One record to send; the key decides its partition."""

    key: str | bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the broker confirmed: for each partition the first and the last offset."""

    topic: str
    offsets: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    count: int = 0


class Sender:
    """A producer that answers for every record it is given.

    Attributes:
        who: The symbol and step that head an error's message.
    """

    def __init__(self, connection: KafkaConnection, who: str) -> None:
        """Make the producer.

        Args:
            connection: The cluster.
            who: The symbol and step that head an error's message.
        """
        self._connection, self.who = connection, who
        self._faults = Faults()
        self._producer = client(Producer, connection, SETTINGS, who, self._faults)

    def cluster(self) -> str:
        """Return the cluster's id.

        Raises:
            Unreachable: The cluster does not answer.
        """
        try:
            return str(self._producer.list_topics(timeout=CLUSTER_SECONDS).cluster_id)
        except KafkaException as error:
            raise explained(error.args[0], self._connection, self.who) from None

    def send(self, topic: str, records: Iterable[Outgoing], headers: Mapping[str, str]) -> Receipt:
        """Send `records`, all with the same headers, and wait until the broker has confirmed every one.

        Args:
            topic: The topic's full name.
            records: What to send, in this order per key.
            headers: Written on each record; `schema` names the schema of the values.

        Raises:
            NotDelivered: At least one record was not confirmed within DELIVERY_SECONDS.
            FixConfiguration: The broker refuses the topic, the record or the user.
        """
        frame = framing(self._connection, topic, headers.get("schema", ""), self.who)
        return self._deliver(topic, records, list(headers.items()), frame)

    def send_again(self, topic: str, record: Outgoing, headers: HeaderList) -> Receipt:
        """Send one record whose value is ready, with headers of its own, as `send` does."""
        return self._deliver(topic, [record], headers, None)

    def _deliver(
        self, topic: str, records: Iterable[Outgoing], headers: HeaderList, frame: Callable[[bytes], bytes] | None
    ) -> Receipt:
        deliveries = Deliveries()
        self._faults.forget()
        with deliveries.fatal():
            self._enqueue(topic, records, headers, frame, deliveries)
        self._confirm(topic, deliveries)
        return Receipt(topic, deliveries.offsets, deliveries.count)

    def _enqueue(
        self,
        topic: str,
        records: Iterable[Outgoing],
        headers: HeaderList,
        frame: Callable[[bytes], bytes] | None,
        deliveries: Deliveries,
    ) -> None:
        """Hand all records to the producer, whose queue is bounded; stop at the first error."""
        produce, poll = self._producer.produce, self._producer.poll
        for key, value in records:
            deliveries.sent += 1
            body = frame(value) if frame is not None and value is not None else value
            while True:
                try:
                    produce(topic, body, key, headers=headers, on_delivery=deliveries)
                except BufferError:
                    poll(0.1)
                except KafkaException as error:
                    deliveries.error = deliveries.error or error.args[0]
                else:
                    break
                if deliveries.error is not None:
                    return
            if deliveries.sent % SERVED_AFTER == 0:
                poll(0)
                if deliveries.error is not None:
                    return

    def _confirm(self, topic: str, deliveries: Deliveries) -> None:
        with deliveries.fatal():
            left = self._producer.flush(DELIVERY_SECONDS + 5)
            if deliveries.error is None and left == 0 and deliveries.count == deliveries.sent:
                return
        # What could not be sent must not be sent later, behind the back of whoever tries it again.
        with deliveries.fatal():
            self._producer.purge()
            self._producer.flush(1)
        raise self._error(topic, deliveries)

    def _error(self, topic: str, deliveries: Deliveries) -> NextcloseError:
        told = deliveries.error or self._faults.best
        for error in (deliveries.error, self._faults.decisive):
            if error is not None and is_lasting(error):
                return explained(error, self._connection, self.who, topic)
        why = redact(told.str(), self._connection.secrets) if told else "the time ran out"
        return NotDelivered(
            f"{self.who}: Kafka at {self._connection.address} confirmed {deliveries.count} of {deliveries.sent} records for "
            f"{topic}: {why}. It can be tried again; look at bootstrap_servers in the kafka block if this repeats"
        )
