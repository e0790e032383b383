"""Tests of looking at what is in quarantine and of sending it again, on the real broker."""

import random
import time
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType

from flows.core.bars import Bar, Interval, Origin, SeriesId
from flows.core.cleaning import RejectedBar
from flows.core.connections import KafkaConnection
from flows.core.faults import RawBar
from flows.ledger.bars import newest_versions
from flows.parts import Parts
from flows.quarantining import Released, listed, release
from flows.steps import Run, consume
from flows.steps.streaming import send
from flows.stream.codec import LARGEST_COPY, encode_rejected, original_bytes
from flows.stream.produce import Outgoing, Sender
from flows.stream.records import QUARANTINE_SCHEMA
from flows.stream.topics import BARS, QUARANTINE, topic_name
from tests.broker.house import SOON, ledger_of, parts_on
from tests.broker.records import SECONDS, admin
from tests.broker.test_reading import cut, remade

SERIES = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)
DAY = "2026-11-20"
LIMIT = 15.0
RUN = Run("run", "quarantine", SOON, SOON)
"""It is told an instant to play at."""
LATER = Run("later", "quarantine", SOON + timedelta(hours=1), SOON + timedelta(hours=1))


@pytest.fixture
def parts(kafka: KafkaConnection, tmp_path: Path) -> Parts:
    """A ledger and topics of this test's own."""
    return parts_on(kafka, tmp_path)


def rejected(parts: Parts, *prices: object, time: str | None = DAY) -> None:
    """Put a source's row into quarantine."""
    found = RejectedBar(time, "the close is 40 times the one before", RawBar(time, *prices))
    records = [Outgoing("IBM", encode_rejected(SERIES, found))]
    send(parts, QUARANTINE, records, QUARANTINE_SCHEMA, "run", "test")


def poisoned(parts: Parts, value: bytes | None) -> None:
    """Put a record that is no bar onto the bars topic, and read it from there."""
    Sender(parts.kafka, "test").send_again(topic_name(BARS, parts.kafka, parts.origin), Outgoing("IBM", value), [])
    consume(parts, [], "run")


def released(parts: Parts, run: Run = RUN, *, again: bool = False) -> Released:
    """Send the oldest record in quarantine again."""
    (result,) = release(parts, run, listed(parts)[:1], again=again)
    return result


def held(parts: Parts) -> dict[str, Bar]:
    """Return the ledger's bars of IBM."""
    return {time: bar for time, (_, bar) in newest_versions(ledger_of(parts), SERIES).items()}


def test_a_row_that_can_be_a_bar_is_sent_as_one(parts: Parts) -> None:
    """A person takes it for true, although the cleaning did not; it is remembered as sent."""
    rejected(parts, "100.0", "102.0", "99.0", "101.0", "5000")
    result = released(parts)
    assert (result.done, f"sent as the bar of {DAY}, revision 0" in result.said) == (True, True)
    assert consume(parts, [], "run").bars == 1
    assert held(parts) == {DAY: Bar(DAY, 100.0, 102.0, 99.0, 101.0, 5000.0)}
    assert listed(parts)[0].released_at == RUN.now


def test_a_row_that_the_ledger_has_is_not_sent(parts: Parts) -> None:
    """The second time there is nothing new about it."""
    rejected(parts, 100.0, 102.0, 99.0, 101.0, 5000)
    released(parts)
    consume(parts, [], "run")
    result = released(parts, again=True)
    assert (result.done, "the ledger holds this very bar already" in result.said) == (True, True)
    assert consume(parts, [], "run").bars == 0


@pytest.mark.parametrize(
    ("prices", "time", "reason"),
    [
        ((100.0, 102.0, 101.5, 101.0, 5000), DAY, "low 101.5 is above open 100.0"),
        (("nan", 102.0, 99.0, 101.0, 5000), DAY, "open 'nan' is not a finite number"),
        ((100.0, 102.0, 99.0, 101.0, 5000), "2026-11-21", "XNYS was closed on this day"),
        ((100.0, 102.0, 99.0, 101.0, 5000), None, "None"),
    ],
    ids=["shape", "number", "Saturday", "no date"],
)
def test_a_row_that_can_be_no_bar_is_refused(
    parts: Parts, prices: tuple[object, ...], time: str | None, reason: str
) -> None:
    """With the reason; it stays in quarantine, not sent, and the topic of bars stays as it is."""
    rejected(parts, *prices, time=time)
    result = released(parts)
    assert not result.done
    assert "this row can be no bar" in result.said
    assert reason in result.said
    assert (consume(parts, [], "run").bars, listed(parts)[0].released_at) == (0, None)


def test_a_record_is_sent_once_more_only_if_asked(parts: Parts) -> None:
    """`again` is what a person says who means it."""
    poisoned(parts, b"no bar")
    assert [released(parts).done, released(parts, LATER).done] == [True, False]
    assert listed(parts)[0].released_at == RUN.now
    assert released(parts, LATER, again=True).done
    consume(parts, [], "run")
    assert len(listed(parts)) == 3


@pytest.mark.parametrize("more", [0, 1])
def test_a_record_that_is_too_large_to_copy_is_fetched_from_its_place(parts: Parts, more: int) -> None:
    """One byte beyond the largest copy, it stays where it stands; every byte goes out again either way."""
    let_large_ones_in(parts)
    value = random.Random(2).randbytes(LARGEST_COPY + more)  # noqa: S311 - no secret
    poisoned(parts, value)
    original = listed(parts)[0].entry.record.original
    assert original is not None
    assert (original_bytes(original.value), original.size) == (None if more else value, len(value))
    assert released(parts).done
    consume(parts, [], "run")
    (first, second) = (one.entry.record.original for one in listed(parts))
    assert first is not None
    assert second is not None
    assert (first.sha256, first.size) == (second.sha256, second.size)


@pytest.mark.parametrize("made_anew", [True, False])
def test_a_record_that_is_gone_from_its_place_is_told_at_once(parts: Parts, made_anew: bool) -> None:
    """Whether the topic was made anew or the record alone deleted: nobody waits for what does not come."""
    let_large_ones_in(parts)
    poisoned(parts, b"x" * (LARGEST_COPY + 1))
    if made_anew:
        remade(parts)
    else:
        cut(parts, 1)
    began = time.monotonic()
    result = released(parts)
    assert time.monotonic() - began < LIMIT
    assert not result.done
    assert "partition 3, offset 0 any more. Nothing was sent" in result.said


def let_large_ones_in(parts: Parts) -> None:
    """Let the bars topic take records of twelve megabytes."""
    entry = ConfigEntry("max.message.bytes", "12000000", incremental_operation=AlterConfigOpType.SET)
    topic = topic_name(BARS, parts.kafka, parts.origin)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = admin(parts.kafka)
    client.incremental_alter_configs([resource])[resource].result(SECONDS)


def test_a_record_without_a_value_is_kept_as_such(parts: Parts) -> None:
    """A tombstone is no bar, and no empty text either."""
    poisoned(parts, None)
    (one,) = listed(parts)
    assert one.entry.record.original is not None
    assert (one.entry.record.original.value, one.entry.record.original.size) == (None, 0)
    assert released(parts).done
    consume(parts, [], "run")
    assert [found.entry.record.original.value for found in listed(parts) if found.entry.record.original] == [None, None]


def test_only_one_symbols_records_are_listed_if_asked(parts: Parts) -> None:
    """By the key, where the record has one that is a symbol."""
    poisoned(parts, b"no bar")
    rejected(parts, 0, 0, 0, 0, 0)
    assert [len(listed(parts, symbol)) for symbol in (None, "IBM", "MSFT")] == [2, 2, 0]


def test_what_others_put_into_quarantine_is_passed_over(parts: Parts) -> None:
    """A record there that is none of ours hides nothing."""
    topic = topic_name(QUARANTINE, parts.kafka, parts.origin)
    Sender(parts.kafka, "test").send_again(topic, Outgoing("IBM", b"\xff no record of ours"), [])
    poisoned(parts, b"no bar")
    assert len(listed(parts)) == 1
