"""Tests of going on with a topic behind transactions, and after whatever was done to it, on the real broker."""

import subprocess
from pathlib import Path

import pytest
from confluent_kafka import Producer

from flows.core.connections import KafkaConnection
from flows.core.errors import Retryable
from flows.ledger.bars import STREAM, keep_bars, stored_offsets
from flows.parts import Parts
from flows.quarantining import listed
from flows.steps import Consumed, consume
from flows.steps.streaming import read_up_to
from flows.stream.consume import reading
from tests.broker.house import ledger_of, parts_on
from tests.broker.test_other_programs import program
from tests.broker.test_reading import DAYS, bars_topic, cut, good, held, remade, send

NOTHING = Consumed(0)


@pytest.fixture
def parts(kafka: KafkaConnection, tmp_path: Path) -> Parts:
    """A ledger and topics of this test's own."""
    return parts_on(kafka, tmp_path)


def test_a_topic_made_anew_is_read_anew_once(parts: Parts) -> None:
    """Also where a partition that was read before holds nothing now: the next run has nothing to read or to say."""
    send(parts, [*good(DAYS[:5]), *good(DAYS[:5], "MSFT")])
    assert consume(parts, [], "run").bars == 10
    remade(parts)
    send(parts, good(DAYS[5:15]))
    assert (consume(parts, [], "run").bars, held(parts)) == (10, 20)
    assert consume(parts, [], "run") == NOTHING
    assert len({found.topic_id for found in stored_offsets(ledger_of(parts), bars_topic(parts))}) == 1


def test_a_topic_made_anew_and_empty_is_said_once(parts: Parts) -> None:
    """Nothing is lost from the ledger."""
    send(parts, good(DAYS[:5]))
    consume(parts, [], "run")
    remade(parts)
    assert "was deleted and made anew" in consume(parts, [], "run").notes[0]
    assert (consume(parts, [], "run"), held(parts)) == (NOTHING, 5)


def test_a_topic_whose_unread_records_were_all_deleted_is_said_once(parts: Parts) -> None:
    """What is lost is named by the run that misses it, not by each one after it."""
    send(parts, good(DAYS[:5]))
    consume(parts, [], "run")
    send(parts, good(DAYS[5:15]))
    cut(parts, 15)
    assert "has lost offsets 5 to 14 before they were read" in consume(parts, [], "run").notes[0]
    assert consume(parts, [], "run") == NOTHING


def test_offsets_beyond_the_end_mean_the_beginning(parts: Parts) -> None:
    """A topic that was cut behind what was read is read whole, and said once."""
    send(parts, good(DAYS[:5]))
    engine = ledger_of(parts)
    with reading(parts.kafka, bars_topic(parts), []) as opened:
        place = read_up_to(parts, opened, {3: 1_000})
    keep_bars(engine, [], place)
    found = consume(parts, [], "run")
    assert (found.bars, "ends at offset 5, although it was read up to 1000" in found.notes[0]) == (5, True)
    assert consume(parts, [], "run") == NOTHING


def test_what_a_transaction_has_not_decided_is_waited_for_by_the_next_run(parts: Parts) -> None:
    """Another program's open transaction hangs nobody; its records are read once they are committed."""
    send(parts, good(DAYS[:2]))
    producer = Producer(
        {**parts.kafka.settings, "transactional.id": parts.kafka.prefix, "partitioner": "murmur2_random"}
    )
    producer.init_transactions(15)
    producer.begin_transaction()
    for record in good(DAYS[2:5]):
        producer.produce(bars_topic(parts), record.value, record.key)
    producer.flush(15)
    send(parts, good(DAYS[5:6]))
    assert [consume(parts, [], "run").bars for _ in range(2)] == [2, 0]
    producer.commit_transaction(15)
    assert [consume(parts, [], "run").bars for _ in range(2)] == [4, 0]


def test_records_that_go_while_they_are_read_are_said_and_tried_again(parts: Parts) -> None:
    """Between the look at a topic and the first record, its retention may run; the next attempt reads what is left."""
    send(parts, good(DAYS[:9]))
    with pytest.raises(Retryable, match=r"has deleted records that were about to be read .*retention"):
        read_late(parts)
    assert consume(parts, [], "run").bars == 4


def read_late(parts: Parts) -> None:
    """Read a topic that is cut after it was looked at."""
    with reading(parts.kafka, bars_topic(parts), []) as opened:
        cut(parts, 5)
        list(opened.batches())


def test_each_reader_has_offsets_of_its_own(parts: Parts) -> None:
    """What the ledger has read, the stream has not."""
    send(parts, good(DAYS[:5]))
    consume(parts, [], "run")
    assert stored_offsets(ledger_of(parts), bars_topic(parts), STREAM) == []


@pytest.mark.parametrize("name", [b"\xff\xfe=x", b"\xc3\x28=\xff", b"schema\xff=other"])
def test_a_header_whose_name_is_no_text_stops_nothing(parts: Parts, name: bytes) -> None:
    """Only a client in another language can write it: such a record is what its value says, be it one or hundreds."""
    lines = [record.value or b"" for record in good(DAYS)] * 10
    lines[7] = b"no bar"
    way = (parts.kafka.address, "-t", bars_topic(parts), "-p", "3", "-k", "IBM", "-H", "first=1", "-H")
    words = [word.encode() for word in (program("kcat"), "-P", "-b", *way)]
    subprocess.run([*words, name], input=b"\n".join(lines), check=True, timeout=20)
    assert (consume(parts, [], "run").bars, held(parts)) == (len(lines) - 1, len(DAYS))
    (one,) = listed(parts)
    assert one.entry.record.original is not None
    assert one.entry.record.original.headers == ()
