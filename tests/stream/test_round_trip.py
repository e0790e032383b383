"""Tests of the way of a bar over the topic into the ledger, and of what a crash on it costs."""

import pytest
from sqlalchemy import Engine

from flows.core.bars import Origin, SeriesId
from flows.core.connections import KafkaConnection
from flows.ledger.bars import LEDGER, ReadUpTo, keep_bars, newest_versions, stored_offsets
from flows.stream.consume import reading
from tests.ledger.ledgers import a_ledger
from tests.stream.records import a_revision, outgoing, produce

DAYS = ("2026-11-18", "2026-11-19", "2026-11-20")
SENT = [a_revision("IBM", 0, day) for day in DAYS] + [a_revision("IBM", 1, DAYS[-1])]
SERIES = SeriesId(Origin.SAMPLE, *SENT[0][1:3])


def consume(ledger: Engine, connection: KafkaConnection, topic: str, *, crash: bool = False) -> int:
    """Read from the stored offsets into the ledger, and return how many bars came."""
    count = 0
    with reading(connection, topic, stored_offsets(ledger, topic)) as opened:
        for batch in opened.batches():
            offsets = dict.fromkeys(batch.next_offsets, 2**70) if crash else batch.next_offsets
            keep_bars(ledger, batch.bars, ReadUpTo(LEDGER, opened.cluster, topic, opened.topic_id, offsets))
            count += len(batch.bars)
    return count


def test_bars_arrive_in_the_ledger_once(broker: KafkaConnection, topic: str) -> None:
    """Also when they were sent twice; a second pass has nothing to read, and the version sent last is the newest."""
    produce(broker, topic, outgoing(*SENT, *SENT), {}, "IBM, produce")
    with a_ledger() as ledger:
        assert [consume(ledger, broker, topic) for _ in range(2)] == [8, 0]
        expected = {revision.bar.time: (revision.revision, revision.bar) for revision in SENT}
        assert expected == newest_versions(ledger, SERIES)


def test_a_crash_before_the_commit_costs_a_second_reading(broker: KafkaConnection, topic: str) -> None:
    """What was not kept is read again, and nothing is there twice."""
    produce(broker, topic, outgoing(*SENT), {}, "IBM, produce")
    with a_ledger() as ledger:
        with pytest.raises(OverflowError):
            consume(ledger, broker, topic, crash=True)
        assert (newest_versions(ledger, SERIES), stored_offsets(ledger, topic)) == ({}, [])
        assert (consume(ledger, broker, topic), len(newest_versions(ledger, SERIES))) == (4, 3)
