"""Tests of the topics' names and of their creation."""

import pytest

from flows.core.bars import Origin
from flows.core.connections import KafkaConnection
from flows.core.errors import NextcloseError, Unreachable
from flows.stream import clients
from flows.stream.topics import ALL, BARS, ensure_topics, topic_name
from tests.stream.records import DEAD


@pytest.mark.parametrize(
    ("prefix", "origin", "expected"),
    [
        ("", Origin.LIVE, "nextclose.bars.v1"),
        ("", Origin.CUSTOM, "nextclose.bars.v1"),
        ("", Origin.SAMPLE, "sample.nextclose.bars.v1"),
        ("team-a.", Origin.LIVE, "team-a.nextclose.bars.v1"),
        ("team-a.", Origin.SAMPLE, "sample.team-a.nextclose.bars.v1"),
    ],
)
def test_a_topics_name_tells_sample_data(prefix: str, origin: Origin, expected: str) -> None:
    """Sample data never meets other data on a topic, whatever the prefix."""
    assert expected == topic_name(BARS, KafkaConnection({}, prefix=prefix), origin)


def test_there_are_three_topics() -> None:
    """Bars, forecasts and quarantine, each with its version."""
    assert ALL == ("nextclose.bars.v1", "nextclose.forecasts.v1", "nextclose.quarantine.v1")


def test_the_embedded_broker_needs_no_creation(broker: KafkaConnection) -> None:
    """It makes topics by itself, and does not answer the question."""
    assert ensure_topics(broker, Origin.SAMPLE) == ()


def test_a_dead_port_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the address and what to look at."""
    monkeypatch.setattr(clients, "CONTACT_SECONDS", 0.3)
    with pytest.raises(Unreachable, match=r"^connect: Kafka at 127.0.0.1:1 does not answer: .*kafka block"):
        ensure_topics(DEAD, Origin.LIVE)


def test_a_setting_that_does_not_exist_is_a_configuration_to_fix() -> None:
    """A typing error in the block's settings is told as one."""
    wrong = KafkaConnection({"bootstrap.servers": "127.0.0.1:1", "sasl.mechanismus": "PLAIN"})
    with pytest.raises(NextcloseError) as caught:
        ensure_topics(wrong, Origin.LIVE)
    assert caught.value.kind == "configuration"
