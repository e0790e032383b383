"""Records from Kafka: from offsets that the ledger remembers, by `assign`, never by a group."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicCollection, TopicPartition

from flows.core.connections import KafkaConnection
from flows.core.positions import Extent, Stored, beginning
from flows.stream.clients import Settings, client, reach
from flows.stream.faults import Faults, explained
from flows.stream.reading import Batch, read_batch, uncollected

BATCH = 1_000
"""Records taken at a time: as many as a processor's cache holds; with ten times as many, each takes half as long again."""
PATIENCE = 75.0
"""Seconds without any record before the broker counts as unreachable: it may be away for a minute."""
REQUEST_SECONDS = 10.0
HARMLESS = (KafkaError.GROUP_AUTHORIZATION_FAILED,)
"""librdkafka looks for the group that it never joins; a user who has no right to it may read all the same."""
NO_LEADER_YET = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)
GATHER_SECONDS = 0.02
"""How long the first of some records waits for those behind it."""
SETTINGS: Settings = {
    # A group is never joined: the ledger keeps the offsets. librdkafka wants a name all the same.
    "group.id": "nextclose",
    "enable.auto.commit": False,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "queued.max.messages.kbytes": 32 * 1024,
    "fetch.message.max.bytes": 4 * 1024 * 1024,
    "fetch.wait.max.ms": 100,
    # A full queue is looked at again after so long; by default a second, in which a quick reader empties it and waits.
    "fetch.queue.backoff.ms": 20,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A way into a topic: its cluster, and for each partition where to begin and where it ended when it was opened."""

    consumer: Consumer = field(repr=False)
    connection: KafkaConnection
    faults: Faults = field(repr=False)
    topic: str
    cluster: str
    topic_id: str
    starts: Mapping[int, int]
    ends: Mapping[int, int]
    notes: tuple[str, ...] = ()

    def batches(self) -> Iterator[Batch]:
        """Yield all records between start and end; return only when every partition has reached its end."""
        if self.notes:
            # Kept even where no record follows; otherwise the next reading would begin over, and say so, once more.
            yield Batch((), self.starts)
        with uncollected():
            for messages in self.messages():
                yield read_batch(messages)

    def messages(self) -> Iterator[list[Message]]:
        """Yield the same as it came, in lists."""
        open_ends = {p: end for p, end in self.ends.items() if self.starts[p] < end}
        if not open_ends:
            return
        self.consumer.assign([TopicPartition(self.topic, p, self.starts[p]) for p in open_ends])
        patience = time.monotonic() + PATIENCE
        positions: Mapping[int, int] = {}
        while open_ends:
            left = sum(end - positions.get(p, self.starts[p]) for p, end in open_ends.items())
            found = self.take(0.5, min(left, BATCH))
            positions = self._positions()
            if any(positions[p] > end for p, end in self.ends.items() if p in positions):
                found = [m for m in found if (m.offset() or 0) < self.ends[m.partition() or 0]]
            if found:
                patience = time.monotonic() + PATIENCE
                yield found
            open_ends = {p: end for p, end in open_ends.items() if positions[p] < end}
            if time.monotonic() > patience:
                raise explained(self.faults.best, self.connection, "consume", self.topic)

    def follow(self, begins: Mapping[int, int]) -> None:
        """Begin to read on and on, each partition from its offset; `take` returns what comes."""
        self.consumer.assign([TopicPartition(self.topic, p, begin) for p, begin in begins.items()])

    def take(self, seconds: float, most: int = BATCH) -> list[Message]:
        """Return the records that have come, after some seconds at the latest; raise KafkaException for what is in the way."""
        messages = self.consumer.consume(most, timeout=seconds)
        told = [error for message in messages if (error := message.error()) is not None]
        for error in told:
            if error.code() not in HARMLESS:
                raise KafkaException(error)
        return [message for message in messages if message.error() is None] if told else messages

    def take_soon(self, seconds: float) -> list[Message]:
        """Return the records that have come as soon as there is one, after some seconds at the latest none."""
        return [*(first := self.take(seconds, 1)), *(self.take(GATHER_SECONDS) if first else ())]

    def has_grown(self) -> bool:
        """Say whether the topic has partitions by now that are not read."""
        found = self.consumer.list_topics(self.topic, timeout=REQUEST_SECONDS).topics[self.topic].partitions
        return bool(set(found) - set(self.starts))

    def _positions(self) -> dict[int, int]:
        # Positions, not counted records: an offset may hold a transaction's marker instead of a record.
        return {p.partition: p.offset for p in self.consumer.position(self.consumer.assignment())}


@contextmanager
def reading(
    connection: KafkaConnection, topic: str, stored: Iterable[Stored], who: str = "consume"
) -> Iterator[Reading]:
    """Open a way into `topic`, from the stored offsets to the ends as they are now.

    Args:
        connection: The cluster.
        topic: The topic's full name.
        stored: How far the topic was read before; what is not known is read from its beginning.
        who: The step that heads an error's message.

    Raises:
        Unreachable: The broker does not answer.
        FixConfiguration: It refuses the login or the topic, or has no such topic.
    """
    faults = Faults()
    topic_id = _topic_id(connection, topic, who)
    consumer = client(Consumer, connection, SETTINGS, who, faults)
    try:
        yield _open(consumer, connection, faults, topic, topic_id, stored)
    except KafkaException as error:
        raise explained(_cause(error, faults), connection, who, topic) from None
    finally:
        consumer.close()


def _cause(error: KafkaException, faults: Faults) -> KafkaError:
    found: KafkaError = error.args[0]
    return faults.decisive or found


def _topic_id(connection: KafkaConnection, topic: str, who: str) -> str:
    """Return the cluster's id of a topic; empty where it is not to be had, as with the embedded broker."""
    admin = reach(connection, who)
    if connection.embedded:
        return ""
    (future,) = admin.describe_topics(TopicCollection([topic]), request_timeout=REQUEST_SECONDS).values()
    try:
        return str(future.result().topic_id)
    except KafkaException as error:
        raise explained(error.args[0], connection, who, topic) from None


def _open(
    consumer: Consumer, connection: KafkaConnection, faults: Faults, topic: str, topic_id: str, stored: Iterable[Stored]
) -> Reading:
    metadata = consumer.list_topics(topic, timeout=REQUEST_SECONDS)
    cluster = str(metadata.cluster_id)
    extents = {
        partition: _extent(consumer, TopicPartition(topic, partition))
        for partition in metadata.topics[topic].partitions
    }
    begin = beginning(topic, cluster, topic_id, stored, extents)
    ends = {partition: extent.end for partition, extent in extents.items()}
    return Reading(consumer, connection, faults, topic, cluster, topic_id, begin.starts, ends, begin.notes)


def _extent(consumer: Consumer, place: TopicPartition) -> Extent:
    """Return what a partition holds; the broker of a new topic, or after a start, may need a moment to lead it."""
    until = time.monotonic() + REQUEST_SECONDS
    while True:
        try:
            return Extent(*consumer.get_watermark_offsets(place, timeout=REQUEST_SECONDS))
        except KafkaException as error:
            if error.args[0].code() not in NO_LEADER_YET or time.monotonic() > until:
                raise
            time.sleep(0.1)
