"""The loops that one would write with confluent-kafka and orjson alone; nothing of ours is in them."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime

import orjson
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from tests.bench.job import LIMIT, Job, answer
from tests.bench.made import RECEIVED, all_bars

BATCH = 1_000
HEADERS: list[tuple[str, str | bytes | None]] = [
    ("schema", "nextclose.bar.v1"),
    ("origin", "custom"),
    ("run_id", "bench"),
]


def produce(job: Job) -> Mapping[str, int]:
    """Send every bar; count what is delivered, and keep the offsets of each partition."""
    until, count = time.monotonic() + LIMIT, 0
    offsets: dict[int, tuple[int, int]] = {}

    def delivered(error: KafkaError | None, message: Message) -> None:
        nonlocal count
        if error is not None:
            raise KafkaException(error)
        count += 1
        partition, offset = message.partition() or 0, message.offset() or 0
        first, last = offsets.get(partition) or (offset, offset)
        offsets[partition] = (first, offset) if offset > last else (min(offset, first), last)

    producer = Producer(dict(job.settings))
    sent = 0
    for symbol, (day, opened, high, low, close, volume) in all_bars(job.sessions):
        value = orjson.dumps(
            {
                "origin": "custom",
                "symbol": symbol,
                "interval": "daily",
                "revision": 0,
                "received_at": RECEIVED,
                "time": day,
                "open": opened,
                "high": high,
                "low": low,
                "close": close,
                "volume": volume,
            }
        )
        _enqueue(producer, job.topic, symbol, value, delivered, until)
        sent += 1
        if sent % 1_000 == 0:
            producer.poll(0)
    if producer.flush(until - time.monotonic()) or count != sent:
        raise TimeoutError(f"{count} of {sent} delivered")
    return {"records": count}


def _enqueue(
    producer: Producer,
    topic: str,
    key: str,
    value: bytes,
    delivered: Callable[[KafkaError | None, Message], None],
    until: float,
) -> None:
    while True:
        try:
            return producer.produce(topic, value, key, headers=HEADERS, on_delivery=delivered)
        except BufferError:
            if time.monotonic() > until:
                raise
            producer.poll(0.1)


def consume(job: Job) -> Mapping[str, int]:
    """Read every record up to the ends as they are now, and make a tuple of each."""
    until, count = time.monotonic() + LIMIT, 0
    consumer = Consumer(dict(job.settings))
    partitions = consumer.list_topics(job.topic, timeout=10).topics[job.topic].partitions
    ends = {p: consumer.get_watermark_offsets(TopicPartition(job.topic, p), timeout=10)[1] for p in partitions}
    nexts = dict.fromkeys(ends, 0)
    consumer.assign([TopicPartition(job.topic, partition, 0) for partition in ends])
    while any(nexts[p] < end for p, end in ends.items()):
        if time.monotonic() > until:
            raise TimeoutError(f"{count} read")
        bars = []
        for message in consumer.consume(BATCH, timeout=0.5):
            if (error := message.error()) is not None:
                raise KafkaException(error)
            r = orjson.loads(message.value() or b"")
            _key, _headers = message.key(), message.headers()
            bars.append(
                (
                    r["origin"],
                    r["symbol"],
                    r["interval"],
                    r["revision"],
                    datetime.fromisoformat(r["received_at"]),
                    r["time"],
                    r["open"],
                    r["high"],
                    r["low"],
                    r["close"],
                    r["volume"],
                )
            )
            nexts[message.partition() or 0] = (message.offset() or 0) + 1
        count += len(bars)
    consumer.close()
    return {"records": count}


if __name__ == "__main__":
    answer({"produce": produce, "consume": consume})
