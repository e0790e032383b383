"""Tests of records whose keys or headers are huge, and of a large one in whose place another stands."""

from pathlib import Path

import pytest

from flows.core.connections import KafkaConnection
from flows.parts import Parts
from flows.quarantining import listed, release
from flows.steps import consume
from flows.stream.codec import LARGEST_COPY, LARGEST_HEAD
from flows.stream.produce import HeaderList, Outgoing, Sender
from flows.stream.quarantine import message_at
from flows.stream.reading import headers_of
from flows.stream.topics import BARS, topic_name
from tests.broker.house import parts_on
from tests.broker.test_quarantine import RUN, let_large_ones_in, poisoned
from tests.broker.test_reading import DAYS, good, remade, send

LONG = b"k" * (LARGEST_HEAD + 1)


@pytest.fixture
def parts(kafka: KafkaConnection, tmp_path: Path) -> Parts:
    """A ledger and topics of this test's own, the one of bars open to large records."""
    made = parts_on(kafka, tmp_path)
    let_large_ones_in(made)
    return made


@pytest.mark.parametrize(("key", "headers"), [(LONG, []), (b"IBM", [("x", LONG)])], ids=["key", "header"])
def test_a_huge_head_blocks_nobody_and_goes_out_again_whole(parts: Parts, key: bytes, headers: HeaderList) -> None:
    """It is not copied into quarantine, and is fetched from its place when it is released."""
    topic = topic_name(BARS, parts.kafka, parts.origin)
    place = Sender(parts.kafka, "test").send_again(topic, Outgoing(key, b"no bar"), headers)
    send(parts, good(DAYS[:2]))
    assert consume(parts, [], "run").bars == 2
    (one,) = listed(parts)
    assert one.entry.record.original is not None
    assert (one.entry.record.original.copied, one.entry.record.original.key) == (False, None)
    (result,) = release(parts, RUN, [one])
    assert result.done
    ((partition, (offset, _)),) = place.offsets.items()
    again = message_at(parts.kafka, topic, partition, offset + (1 if partition != 3 else 3))
    assert again is not None
    assert (again.key(), headers_of(again)[: len(headers)]) == (key, tuple(headers))


def test_another_record_in_its_place_is_not_sent(parts: Parts) -> None:
    """The topic was made anew: what stands at the offset now is a bar, and no poison."""
    poisoned(parts, b"x" * (LARGEST_COPY + 1))
    remade(parts)
    send(parts, good(DAYS[:3]))
    (result,) = release(parts, RUN, listed(parts))
    assert (result.done, "any more. Nothing was sent" in result.said) == (False, True)
