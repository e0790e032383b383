"""Tests of using producers again."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from flows.core.connections import KafkaConnection
from flows.core.errors import FixConfiguration
from flows.stream.produce import Outgoing
from flows.stream.senders import Senders
from flows.stream.topics import LARGEST_RECORD
from tests.stream.records import DEAD, raw_messages

RECORD = Outgoing("IBM", b"{}")


def test_a_sender_is_used_again(broker: KafkaConnection, topic: str) -> None:
    """What was made ready sends the first record, and the second; both are on the topic, and errors name who sends."""
    senders = Senders(broker)
    senders.make_ready()
    with senders.one("IBM, produce") as first:
        assert first.send(topic, [RECORD], {}).count == 1
    with senders.one("MSFT, record") as second:
        assert second.send(topic, [RECORD], {}).count == 1
    assert first is second
    assert second.who == "MSFT, record"
    assert len(raw_messages(broker, topic, 2)) == 2


def test_two_tasks_never_share_a_sender(broker: KafkaConnection, topic: str) -> None:
    """Each has one of its own while it sends; afterwards both are idle."""
    senders = Senders(broker)
    with senders.one("IBM, produce") as first, senders.one("MSFT, produce") as second:
        assert first is not second
        assert (first.who, second.who) == ("IBM, produce", "MSFT, produce")

    def send(number: int) -> int:
        with senders.one(f"{number}, produce") as sender:
            return sender.send(topic, [RECORD] * 10, {}).count

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(send, range(40))) == [10] * 40
    assert len(raw_messages(broker, topic, 400)) == 400


def test_a_sender_that_failed_is_not_used_again(broker: KafkaConnection, topic: str) -> None:
    """The next task gets another one."""
    senders = Senders(broker)
    with pytest.raises(FixConfiguration), senders.one("IBM, produce") as failed:
        failed.send(topic, [Outgoing("IBM", b"x" * (LARGEST_RECORD + 1))], {})
    with senders.one("IBM, produce") as other:
        assert other is not failed
        assert other.send(topic, [RECORD], {}).count == 1


def test_what_was_made_ready_in_vain_is_closed() -> None:
    """A sender without a broker neither waits nor complains when it is closed, and is not handed out afterwards."""
    senders = Senders(DEAD)
    senders.make_ready()
    senders.make_ready()
    senders.close()
    with senders.one("IBM, produce") as first, senders.one("IBM, produce") as second:
        assert first is not second
