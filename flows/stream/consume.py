"""Records from Kafka: all that stood on a topic when reading began, from offsets that the ledger remembers."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from flows.core.bars import BarRevision
from flows.core.connections import KafkaConnection
from flows.core.errors import RejectData, Unreachable
from flows.core.redaction import redact
from flows.stream.clients import Settings, client
from flows.stream.codec import decode_bar

BATCH = 5_000
PATIENCE = 30.0
"""Seconds without any record before the broker counts as unreachable."""
REQUEST_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that is no bar."""

    topic: str
    partition: int
    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records, and from where to go on once they are kept."""

    bars: tuple[BarRevision, ...]
    next_offsets: Mapping[int, int]
    poison: tuple[Poison, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One pass over a topic: its cluster, and for each partition where to begin and where to stop."""

    consumer: Consumer = field(repr=False)
    topic: str
    cluster: str
    starts: Mapping[int, int]
    ends: Mapping[int, int]

    def batches(self) -> Iterator[Batch]:
        """Yield all records between start and end; return only when every partition has reached its end."""
        open_ends = {p: end for p, end in self.ends.items() if self.starts[p] < end}
        if not open_ends:
            return
        self.consumer.assign([TopicPartition(self.topic, p, self.starts[p]) for p in open_ends])
        patience = time.monotonic() + PATIENCE
        while open_ends:
            messages = self.consumer.consume(BATCH, timeout=0.5)
            if messages:
                patience = time.monotonic() + PATIENCE
                yield _batch(messages, open_ends)
            open_ends = self._unfinished(open_ends)
            if time.monotonic() > patience:
                raise Unreachable(f"consume: {self.topic} gave no record for {PATIENCE:g} s before its end {open_ends}")

    def _unfinished(self, open_ends: Mapping[int, int]) -> dict[int, int]:
        # Positions, not counted records: an offset may hold a transaction's marker instead of a record.
        positions = self.consumer.position([TopicPartition(self.topic, p) for p in open_ends])
        return {p.partition: open_ends[p.partition] for p in positions if p.offset < open_ends[p.partition]}


@contextmanager
def reading(connection: KafkaConnection, topic: str, stored: Mapping[tuple[str, int], int]) -> Iterator[Reading]:
    """Open a pass over `topic` from the stored offsets to the ends as they are now.

    Args:
        connection: The cluster.
        topic: The topic's full name.
        stored: For (cluster id, partition) the next offset to read; anything else is read from its beginning.

    Raises:
        Unreachable: The broker does not answer.
    """
    # A group is never joined: the ledger keeps the offsets. librdkafka wants a name all the same.
    settings: Settings = {"group.id": "nextclose", "enable.auto.commit": False, "auto.offset.reset": "error"}
    consumer = client(Consumer, connection, settings, "consume")
    try:
        yield _open(consumer, topic, stored)
    except KafkaException as error:
        raise Unreachable(
            f"consume: Kafka at {connection.address} could not be read: "
            f"{redact(str(error.args[0]), connection.secrets)}. It is tried again; check the kafka block"
        ) from None
    finally:
        consumer.close()


def _open(consumer: Consumer, topic: str, stored: Mapping[tuple[str, int], int]) -> Reading:
    metadata = consumer.list_topics(topic, timeout=REQUEST_SECONDS)
    cluster = str(metadata.cluster_id)
    starts, ends = {}, {}
    for partition in metadata.topics[topic].partitions:
        low, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=REQUEST_SECONDS)
        known = stored.get((cluster, partition), low)
        starts[partition] = known if low <= known <= end else low
        ends[partition] = end
    return Reading(consumer, topic, cluster, starts, ends)


def _batch(messages: list[Message], ends: Mapping[int, int]) -> Batch:
    bars: list[BarRevision] = []
    poison: list[Poison] = []
    next_offsets: dict[int, int] = {}
    for message in messages:
        error, partition, offset = message.error(), message.partition(), message.offset()
        if error is not None:
            raise KafkaException(error)
        if partition is None or offset is None or offset >= ends[partition]:
            continue
        next_offsets[partition] = offset + 1
        try:
            bars.append(decode_bar(message.value() or b""))
        except RejectData as reason:
            poison.append(Poison(str(message.topic()), partition, offset, str(reason)))
    return Batch(tuple(bars), next_offsets, tuple(poison))
