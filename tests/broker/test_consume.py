"""Tests of going on where the last run stopped, and of records whose headers say anything, on the real broker."""

import random
from pathlib import Path

import pytest
from confluent_kafka import Producer
from sqlalchemy import select

from flows.core.connections import KafkaConnection
from flows.ledger import tables
from flows.ledger.bars import stored_offsets
from flows.parts import Parts
from flows.quarantining import listed
from flows.steps import consume
from flows.stream.bar_codec import encode_bar
from flows.stream.codec import original_bytes, original_headers
from flows.stream.produce import Outgoing
from flows.stream.records import BAR_SCHEMA
from flows.stream.topics import BARS, topic_name
from tests.broker.house import a_bar_of, ledger_of, parts_on, sessions
from tests.stream.records import produce

DAYS = sessions(40)
SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")
MANY = 10_000
BAR = encode_bar(a_bar_of("IBM", DAYS[0], 0))
HeaderList = list[tuple[str, str | bytes | None]]


@pytest.fixture
def parts(kafka: KafkaConnection, tmp_path: Path) -> Parts:
    """A ledger and topics of this test's own."""
    return parts_on(kafka, tmp_path)


def bars_topic(parts: Parts) -> str:
    """Return the full name of the topic that is read."""
    return topic_name(BARS, parts.kafka, parts.origin)


def send(parts: Parts, begin: int, end: int) -> int:
    """Put these days' bars of four symbols onto the bars topic; return how many they are."""
    bars = [a_bar_of(symbol, day, n) for n, day in enumerate(DAYS[begin:end]) for symbol in SYMBOLS]
    records = [Outgoing(bar.symbol, encode_bar(bar)) for bar in bars]
    return produce(parts.kafka, bars_topic(parts), records, {"schema": BAR_SCHEMA}, "test").count


def held(parts: Parts) -> set[tuple[str, str]]:
    """Return symbol and day of each bar in the ledger."""
    with ledger_of(parts).connect() as connection:
        return {(row.symbol, row.time) for row in connection.execute(select(tables.bars.c.symbol, tables.bars.c.time))}


def test_each_run_reads_only_what_is_new(parts: Parts) -> None:
    """From the offsets that the ledger keeps, partition by partition; nothing new is nothing read."""
    counts = []
    for begin, end in ((0, 10), (10, 10), (10, 25), (25, 25)):
        send(parts, begin, end)
        counts.append(consume(parts, [], "run").bars)
    assert counts == [40, 0, 60, 0]
    assert held(parts) == {(symbol, day) for symbol in SYMBOLS for day in DAYS[:25]}
    stored = stored_offsets(ledger_of(parts), bars_topic(parts))
    assert sum(found.next_offset for found in stored) == 100
    assert len({(found.cluster, found.topic_id) for found in stored}) == 1


def test_what_is_sent_while_it_is_read_waits_for_the_next_run(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run reads up to the end as it was when it began, so that a busy topic keeps nobody."""
    send(parts, 0, 10)
    late = iter([lambda: send(parts, 10, 20)])

    def set_aside_late(*_given: object) -> None:
        next(late, lambda: 0)()

    monkeypatch.setattr("flows.steps.streaming.set_aside", set_aside_late)
    assert [consume(parts, [], "run").bars for _ in range(3)] == [40, 40, 0]


def random_headers(chance: random.Random) -> HeaderList:
    """Return up to four headers: names of any signs, values of any bytes or none, ours among them."""
    names = ["schema", "origin", "run_id", "", "".join(chr(chance.randrange(1, 0xD7FF)) for _ in range(6))]
    values: list[bytes | None] = [None, b"", BAR_SCHEMA.encode(), b"custom", chance.randbytes(chance.randrange(1, 30))]
    return [(chance.choice(names), chance.choice(values)) for _ in range(chance.randrange(5))]


def is_wrong(headers: HeaderList) -> bool:
    """Say whether headers contradict a bar of custom origin."""
    right = {"schema": BAR_SCHEMA.encode(), "origin": b"custom"}
    return any(value != right.get(name, value) for name, value in headers)


def test_ten_thousand_random_headers_stop_nothing(parts: Parts) -> None:
    """Those that contradict the bar put it into quarantine, as they came; all others change nothing."""
    chance = random.Random(4)  # noqa: S311 - no secret
    sent = [random_headers(chance) for _ in range(MANY)]
    producer = Producer({**parts.kafka.settings, "partitioner": "murmur2_random"})
    for headers in sent:
        producer.produce(bars_topic(parts), BAR, "IBM", headers=headers)
        producer.poll(0)
    assert producer.flush(30) == 0
    assert send(parts, 1, 40) == 39 * len(SYMBOLS)
    wrong = [tuple(headers) for headers in sent if is_wrong(headers)]
    assert consume(parts, [], "run").bars == MANY - len(wrong) + 39 * len(SYMBOLS)
    assert held(parts) == {("IBM", DAYS[0])} | {(symbol, day) for symbol in SYMBOLS for day in DAYS[1:]}
    found = [one.entry.record for one in listed(parts)]
    assert all("the record's header" in record.reason for record in found)
    by_offset = sorted((r.source.offset, r.original) for r in found if r.source and r.original)
    assert [original_headers(original) for _, original in by_offset] == wrong
    assert {original_bytes(original.value) for _, original in by_offset} == {BAR}
