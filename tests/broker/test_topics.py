"""Tests that topics are made as they should be, and that those which are otherwise are told, on the real broker."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from flows.core.bars import Origin
from flows.core.connections import KafkaConnection
from flows.core.errors import AccessRefused, FixConfiguration
from flows.stream import topics
from flows.stream.produce import Outgoing
from flows.stream.topics import ALL, BARS, FORECASTS, LARGEST_RECORD, QUARANTINE, TopicState, ensure_topics
from tests.broker.connections import sasl_ssl
from tests.broker.node import Node
from tests.broker.records import SECONDS, admin
from tests.ledger.ledgers import at_once
from tests.stream.records import produce, raw_messages


def make(way: KafkaConnection, topic: str, partitions: int, **settings: str) -> None:
    """Make a topic as somebody else would; an underscore in a setting's name stands for a dot."""
    chosen = {name.replace("_", "."): value for name, value in settings.items()}
    client = admin(way)
    client.create_topics([NewTopic(topic, partitions, 1, config=chosen)])[topic].result(SECONDS)
    until = time.monotonic() + SECONDS
    while topic not in client.list_topics(timeout=SECONDS).topics:
        assert time.monotonic() < until


def settings_of(way: KafkaConnection, topic: str) -> dict[str, str | None]:
    """Return a topic's settings as the broker has them."""
    resource = ConfigResource(ResourceType.TOPIC, topic)
    client = admin(way)
    return {name: entry.value for name, entry in client.describe_configs([resource])[resource].result(SECONDS).items()}


def ids_of(way: KafkaConnection) -> dict[str, str]:
    """Return the cluster's own ids of the topics that have this prefix."""
    client: AdminClient = admin(way)
    names = [name for name in client.list_topics(timeout=SECONDS).topics if name.startswith(way.prefix)]
    futures = client.describe_topics(TopicCollection(names), request_timeout=SECONDS)
    return {name: str(future.result().topic_id) for name, future in futures.items()}


def test_topics_are_made_with_their_partitions_and_settings(kafka: KafkaConnection) -> None:
    """Kept for ever, whatever the cluster's defaults; forecasts carry the broker's own time."""
    way = replace(kafka, partitions=3)
    assert tuple(TopicState(way.prefix + topic, 3) for topic in ALL) == ensure_topics(way, Origin.LIVE)
    for topic in ALL:
        found = settings_of(kafka, kafka.prefix + topic)
        assert (found["retention.ms"], found["retention.bytes"], found["cleanup.policy"]) == ("-1", "-1", "delete")
        by_broker = topic == FORECASTS
        assert found["message.timestamp.type"] == ("LogAppendTime" if by_broker else "CreateTime")
        assert (found["max.message.bytes"] == str(LARGEST_RECORD)) == (topic == QUARANTINE)


def test_a_forecasts_time_is_the_brokers(kafka: KafkaConnection) -> None:
    """What a producer says about the time of its record does not count."""
    ensure_topics(kafka, Origin.LIVE)
    produce(kafka, kafka.prefix + FORECASTS, [Outgoing("IBM", b"{}")], {}, "test")
    (message,) = raw_messages(kafka, kafka.prefix + FORECASTS, 1)
    assert message.timestamp()[0] == TIMESTAMP_LOG_APPEND_TIME


def test_topics_that_are_there_stay_as_they_are(kafka: KafkaConnection) -> None:
    """The second run finds what the first has made, and has nothing against it."""
    first, ids = ensure_topics(kafka, Origin.LIVE), ids_of(kafka)
    assert (first, ids) == (ensure_topics(kafka, Origin.LIVE), ids_of(kafka))
    assert {kafka.prefix + topic for topic in ALL} == set(ids)


def test_each_difference_is_told_in_words(kafka: KafkaConnection) -> None:
    """A topic that forgets after seven days, with one partition, is named, left alone, and used."""
    bars, forecasts = kafka.prefix + BARS, kafka.prefix + FORECASTS
    make(kafka, bars, 1, retention_ms="604800000")
    make(kafka, forecasts, 4, cleanup_policy="compact", retention_ms="-1")
    before = settings_of(kafka, bars)
    found = {state.name: state for state in ensure_topics(kafka, Origin.LIVE)}
    assert found[bars].differences == ("1 partitions instead of 4", "retention.ms=604800000 instead of -1")
    assert found[bars].partitions == 1
    assert found[forecasts].differences == (
        "cleanup.policy=compact instead of delete",
        "message.timestamp.type=CreateTime instead of LogAppendTime",
    )
    assert found[kafka.prefix + QUARANTINE].differences == ()
    assert before == settings_of(kafka, bars)


def test_the_number_of_copies_is_told_where_one_was_asked_for(kafka: KafkaConnection) -> None:
    """Left to the cluster, any number will do."""
    ensure_topics(kafka, Origin.LIVE)
    found = ensure_topics(replace(kafka, replication=3), Origin.LIVE)
    assert {state.differences for state in found} == {("1 copies instead of 3",)}


def test_more_copies_than_brokers_are_refused(kafka: KafkaConnection) -> None:
    """The error is one of ours and names the topic."""
    with pytest.raises(FixConfiguration, match=rf"\({kafka.prefix}{BARS}\): .*topic_replication in the kafka block"):
        ensure_topics(replace(kafka, replication=3), Origin.LIVE)


@pytest.mark.parametrize("origin", [Origin.LIVE, Origin.SAMPLE])
def test_runs_that_begin_at_once_make_the_topics_together(kafka: KafkaConnection, origin: Origin) -> None:
    """Whoever comes second finds them, and nobody fails."""
    found = at_once(4, lambda _: ensure_topics(kafka, origin))
    assert {tuple(TopicState(topics.topic_name(topic, kafka, origin), 4) for topic in ALL)} == set(found)


@pytest.mark.parametrize("prepare", [lambda _: None, lambda way: ensure_topics(way, Origin.LIVE)], ids=["none", "all"])
def test_a_user_without_rights_is_told_the_topic(
    node: Node, kafka: KafkaConnection, prepare: Callable[[KafkaConnection], object]
) -> None:
    """Whether the topics are there or not: to such a user they are not."""
    prepare(kafka)
    with pytest.raises(AccessRefused, match=rf"\({kafka.prefix}{BARS}\): .*sasl_username and topic_prefix"):
        ensure_topics(sasl_ssl(node, user="stranger", prefix=kafka.prefix), Origin.LIVE)


def test_a_reader_uses_topics_whose_settings_it_cannot_see(node: Node, kafka: KafkaConnection) -> None:
    """That nothing is known of them is said, too."""
    ensure_topics(kafka, Origin.LIVE)
    found = ensure_topics(sasl_ssl(node, user="reader", prefix=kafka.prefix), Origin.LIVE)
    unseen = "its settings may not be seen by this user (the right DescribeConfigs)"
    assert tuple(TopicState(kafka.prefix + topic, 4, (unseen,)) for topic in ALL) == found


@pytest.mark.parametrize("prefix", ["un known.", "x" * 250])
def test_a_name_that_no_topic_can_have_is_told_with_its_field(kafka: KafkaConnection, prefix: str) -> None:
    """The prefix is what a person has written."""
    with pytest.raises(FixConfiguration, match="topic_prefix in the kafka block"):
        ensure_topics(replace(kafka, prefix=prefix), Origin.LIVE)
