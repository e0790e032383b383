"""Tests of a user who has some rights on the topics and lacks others, on the real broker."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka.admin._acl import AclBinding, AclBindingFilter, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType

from flows.core.bars import Origin
from flows.core.connections import KafkaConnection
from flows.core.errors import AccessRefused
from flows.stream.consume import reading
from flows.stream.produce import Outgoing
from flows.stream.quarantine import message_at, value_of
from flows.stream.topics import BARS, ensure_topics
from tests.broker.connections import sasl_ssl
from tests.broker.node import Node
from tests.broker.records import SECONDS
from tests.broker.test_node import changed
from tests.stream.records import produce

USER = "User:stranger"
LIMIT = 15.0


@contextmanager
def granted(node: Node, topic: str, *operations: AclOperation) -> Iterator[None]:
    """Let the stranger do some things with a topic, for so long."""
    kind, pattern = ResourceType.TOPIC, ResourcePatternType.LITERAL
    client = node.admin()
    bindings = [AclBinding(kind, topic, pattern, USER, "*", what, AclPermissionType.ALLOW) for what in operations]
    for future in client.create_acls(bindings).values():
        future.result(SECONDS)
    try:
        yield
    finally:
        mine = AclBindingFilter(kind, topic, pattern, USER, "*", AclOperation.ANY, AclPermissionType.ANY)
        for removed in client.delete_acls([mine]).values():
            removed.result(SECONDS)


@pytest.fixture
def topic(kafka: KafkaConnection) -> str:
    """The bars topic, with one record that is no bar."""
    ensure_topics(kafka, Origin.CUSTOM)
    write(kafka)
    return kafka.prefix + BARS


def write(way: KafkaConnection) -> int:
    """Send one record; return how many were confirmed."""
    return produce(way, way.prefix + BARS, [Outgoing("IBM", b"{}")], {}, "IBM, produce").count


def read(way: KafkaConnection) -> int:
    """Return how many records are read."""
    with reading(way, way.prefix + BARS, []) as opened:
        return sum(len(batch.bars) + len(batch.poison) for batch in opened.batches())


def refusal(work: Callable[[KafkaConnection], object], way: KafkaConnection) -> str:
    """Return the sentence that some work ends with, in time."""
    began = time.monotonic()
    with pytest.raises(AccessRefused) as caught:
        work(way)
    assert time.monotonic() - began < LIMIT
    return str(caught.value)


@pytest.mark.parametrize("work", [write, read])
def test_to_see_a_topic_is_not_to_use_it(
    node: Node, kafka: KafkaConnection, topic: str, work: Callable[[KafkaConnection], int]
) -> None:
    """Who may only describe it is told what is missing by the first record."""
    with granted(node, topic, AclOperation.DESCRIBE):
        said = refusal(work, sasl_ssl(node, user="stranger", prefix=kafka.prefix))
    assert topic in said
    assert "sasl_username and topic_prefix in the kafka block" in said


def test_to_write_is_not_to_read(node: Node, kafka: KafkaConnection, topic: str) -> None:
    """The right to write is enough for writing, also without loss or doubles, and for nothing else."""
    way = sasl_ssl(node, user="stranger", prefix=kafka.prefix)
    with granted(node, topic, AclOperation.WRITE):
        assert write(way) == 1
        assert topic in refusal(read, way)


def test_to_read_is_not_to_write(node: Node, kafka: KafkaConnection, topic: str) -> None:
    """No group is joined, so that the right to read the topic is enough for reading."""
    way = sasl_ssl(node, user="stranger", prefix=kafka.prefix)
    with granted(node, topic, AclOperation.READ):
        assert read(way) == 1
        found = message_at(way, topic, 3, 0)
        assert found is not None
        assert value_of(found) == b"{}"
        assert topic in refusal(write, way)


def test_a_token_that_the_cluster_does_not_take_is_told(node: Node) -> None:
    """What is wrong with it stands in the cluster's own words."""
    wrong = changed(sasl_ssl(node, "OAUTHBEARER"), sasl_oauthbearer_config="principal=writer scope=another")
    said = refusal(lambda way: ensure_topics(way, Origin.CUSTOM), wrong)
    assert "insufficient_scope" in said
    assert "sasl_mechanism in the kafka block" in said
