"""What is on the topic and in the ledger, seen with other eyes than the product's."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import orjson
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from sqlalchemy import text

from flows.core.connections import KafkaConnection
from flows.ledger.bars import stored_offsets
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.stream.topics import BARS, topic_name
from tests.broker.faults.hooks import Key
from tests.broker.faults.trial import Trial
from tests.broker.records import QUIET, SECONDS


class Found(NamedTuple):
    """A record on a topic; no key where it is no bar."""

    partition: int
    offset: int
    key: Key | None
    value: bytes


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of the table of faults."""

    fault: str
    size: str
    sent: int
    acknowledged: int
    """In the disturbed run."""
    found: int
    doubled_on_topic: int
    in_ledger: int
    doubled_in_ledger: int
    seconds: float
    ended: str

    def words(self) -> list[str]:
        """Return what the table shows."""
        return [f"{value:,}" if isinstance(value, int) else str(value) for value in asdict(self).values()]


def records(kafka: KafkaConnection, topic: str) -> list[Found]:
    """Return everything on a topic, each partition in its order."""
    consumer = Consumer({**kafka.settings, **QUIET, "group.id": "nobody", "enable.auto.commit": False})
    places = [
        TopicPartition(topic, p, 0) for p in consumer.list_topics(topic, timeout=SECONDS).topics[topic].partitions
    ]
    ends = {p.partition: _end(consumer, p) for p in places}
    consumer.assign(places)
    found: list[Found] = []
    until = time.monotonic() + 10 * SECONDS
    while any(p.offset < ends[p.partition] for p in consumer.position(places) if ends[p.partition]):
        assert time.monotonic() < until, f"{topic} cannot be read to its end"
        for message in consumer.consume(10_000, timeout=0.1):
            assert message.error() is None, message.error()
            value = bytes(message.value() or b"")
            found.append(Found(message.partition() or 0, message.offset() or 0, _key(value), value))
    consumer.close()
    return found


def _end(consumer: Consumer, place: TopicPartition) -> int:
    """Return where a partition ends, once the broker leads it: after its start, that takes a moment."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            return int(consumer.get_watermark_offsets(place, timeout=SECONDS)[1])
        except KafkaException as error:
            if error.args[0].code() != KafkaError.NOT_LEADER_FOR_PARTITION or time.monotonic() > until:
                raise
            time.sleep(0.1)


def _key(value: bytes) -> Key | None:
    try:
        record = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return (record["symbol"], record["time"]) if "time" in record else None


def held(parts: Parts) -> Counter[Key]:
    """Return how often each bar is in the ledger."""
    with open_ledger(parts.ledger, parts.origin).connect() as connection:
        return Counter((row.symbol, row.time) for row in connection.execute(text("SELECT symbol, time FROM bars")))


def bars_topic(parts: Parts) -> str:
    """Return the full name of the bars topic."""
    return topic_name(BARS, parts.kafka, parts.origin)


def require_no_offset_without_its_bars(parts: Parts, on_topic: Sequence[Found]) -> None:
    """Whatever happened: what lies before the ledger's offsets is in the ledger."""
    kept, topic = held(parts), bars_topic(parts)
    reached = {s.partition: s.next_offset for s in stored_offsets(open_ledger(parts.ledger, parts.origin), topic)}
    passed = [found for found in on_topic if found.offset < reached.get(found.partition, 0)]
    assert [found for found in passed if found.key is not None and found.key not in kept] == []


def settled(trial: Trial, kafka: KafkaConnection) -> Figures:
    """Run once more, undisturbed, by way of `kafka`; check that nothing is lost, doubled or out of order.

    What a later run would mend, by sending it again, is looked at before.
    """
    ended, seconds, acknowledged = trial.ending, time.monotonic() - trial.begun, len(trial.acknowledged)
    broken = len(trial.failures) + len(trial.lasting)
    trial.connect()
    _require_kept(trial, records(kafka, bars_topic(trial.parts)))
    trial.produce()
    trial.consume()
    assert broken == len(trial.failures) + len(trial.lasting), "the undisturbed run failed"
    everything = records(kafka, bars_topic(trial.parts))
    _require_kept(trial, everything)
    on_topic = [found.key for found in everything if found.key is not None]
    kept, sent = held(trial.parts), trial.sent
    assert _first_times(on_topic) == sent, "not in the order in which they were sent"
    assert kept.keys() == {(symbol, time) for symbol, times in sent.items() for time in times}
    assert set(kept.values()) == {1}, "doubled in the ledger"
    return Figures(
        trial.fault,
        trial.size.name,
        sum(map(len, sent.values())),
        acknowledged,
        len(set(on_topic)),
        len(on_topic) - len(set(on_topic)),
        kept.total(),
        kept.total() - len(kept),
        round(seconds, 1),
        ended,
    )


def _require_kept(trial: Trial, on_topic: Sequence[Found]) -> None:
    lost = trial.acknowledged - {found.key for found in on_topic}
    assert lost == set(), "acknowledged, and not on the topic"
    require_no_offset_without_its_bars(trial.parts, on_topic)


def _first_times(keys: Sequence[Key]) -> dict[str, list[str]]:
    """Return for each symbol the times of its bars, in the order in which each appeared first."""
    found: dict[str, list[str]] = {}
    for symbol, when in dict.fromkeys(keys):
        found.setdefault(symbol, []).append(when)
    return found
