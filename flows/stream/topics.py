"""The topics: their names, their creation, and whether existing ones are as they should be."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from flows.core.bars import Origin
from flows.core.connections import KafkaConnection
from flows.stream.clients import reach
from flows.stream.faults import explained

BARS = "nextclose.bars.v1"
FORECASTS = "nextclose.forecasts.v1"
QUARANTINE = "nextclose.quarantine.v1"

LARGEST_RECORD = 16 * 1024 * 1024
"""Bytes that a quarantine record may take: it carries the record that could not be used, as text."""
FOR_EVER: Mapping[str, str] = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
SETTINGS: Mapping[str, Mapping[str, str]] = {
    BARS: FOR_EVER,
    # The broker's own time is what proves when a forecast was there.
    FORECASTS: {**FOR_EVER, "message.timestamp.type": "LogAppendTime"},
    QUARANTINE: {**FOR_EVER, "max.message.bytes": str(LARGEST_RECORD)},
}
ALL = tuple(SETTINGS)
TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class TopicState:
    """What is known of one topic on the cluster."""

    name: str
    partitions: int
    differences: tuple[str, ...] = field(default=())
    """In words, each setting that is not what it should be."""


def topic_name(topic: str, connection: KafkaConnection, origin: Origin) -> str:
    """Return a topic's full name: the configured prefix, and ``sample.`` in front of sample data."""
    return ("sample." if origin is Origin.SAMPLE else "") + connection.prefix + topic


def ensure_topics(connection: KafkaConnection, origin: Origin, who: str = "connect") -> tuple[TopicState, ...]:
    """Create the topics that do not exist yet, kept for ever, and look at those that do.

    The embedded broker makes topics by itself and answers no such question.

    Args:
        connection: The cluster.
        origin: Whose data the topics are for.
        who: The step that heads an error's message.

    Returns:
        Each topic with what is not as it should be; nothing for the embedded broker.

    Raises:
        AccessRefused: The login fails, or the user may not create or see a topic.
        Unreachable: The cluster does not answer.
    """
    admin = reach(connection, who)
    if connection.embedded:
        return ()
    names = {topic_name(topic, connection, origin): topic for topic in ALL}
    try:
        known = _known(admin, names)
        _create(admin, {name: topic for name, topic in names.items() if name not in known}, connection)
        return _all_seen(admin, names, connection)
    except _TopicError as error:
        raise explained(error.error, connection, who, error.topic) from None
    except KafkaException as error:
        raise explained(error.args[0], connection, who) from None


class _TopicError(Exception):
    """An error of Kafka about one topic."""

    def __init__(self, error: KafkaError, topic: str) -> None:
        super().__init__(topic)
        self.error, self.topic = error, topic


def _known(admin: AdminClient, names: Iterable[str]) -> set[str]:
    # Without the right to describe them, existing topics are missing here; creating them says so.
    return set(admin.list_topics(timeout=TIMEOUT).topics) & set(names)


def _create(admin: AdminClient, names: Mapping[str, str], connection: KafkaConnection) -> None:
    new = [
        NewTopic(name, connection.partitions, connection.replication, config=dict(SETTINGS[topic]))
        for name, topic in names.items()
    ]
    if not new:
        return
    for name, future in admin.create_topics(new, request_timeout=TIMEOUT).items():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise _TopicError(error.args[0], name) from None


def _all_seen(admin: AdminClient, names: Mapping[str, str], connection: KafkaConnection) -> tuple[TopicState, ...]:
    """Look at topics that exist; a moment after they were made, not every broker knows them."""
    until = time.monotonic() + TIMEOUT
    while len(found := inspect(admin, names, connection)) < len(names) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def inspect(admin: AdminClient, names: Mapping[str, str], connection: KafkaConnection) -> tuple[TopicState, ...]:
    """Return what is known of topics that exist.

    Args:
        admin: A client to which the cluster has answered.
        names: The topic that each full name stands for.
        connection: What partitions and copies there should be.
    """
    found = admin.list_topics(timeout=TIMEOUT).topics
    wrong = _wrong_settings(admin, names)
    return tuple(
        TopicState(name, len(found[name].partitions), (*_wrong_shape(found[name], connection), *wrong[name]))
        for name in names
        if name in found
    )


def _wrong_shape(topic: object, connection: KafkaConnection) -> list[str]:
    partitions = list(getattr(topic, "partitions").values())  # noqa: B009 - confluent-kafka types no metadata
    copies = {len(partition.replicas) for partition in partitions}
    differences = []
    if len(partitions) != connection.partitions:
        differences.append(f"{len(partitions)} partitions instead of {connection.partitions}")
    if connection.replication > 0 and copies != {connection.replication}:
        differences.append(f"{min(copies)} copies instead of {connection.replication}")
    return differences


def _wrong_settings(admin: AdminClient, names: Mapping[str, str]) -> dict[str, list[str]]:
    resources = {ConfigResource(ResourceType.TOPIC, name): name for name in names}
    futures = admin.describe_configs(list(resources), request_timeout=TIMEOUT)
    wrong: dict[str, list[str]] = {}
    for resource, future in futures.items():
        try:
            held = future.result()
        except KafkaException as error:
            wrong[resource.name] = _unseen(error.args[0], resource.name)
            continue
        expected = SETTINGS[names[resource.name]]
        wrong[resource.name] = [
            f"{setting}={held[setting].value} instead of {value}"
            for setting, value in expected.items()
            if held[setting].value != value
        ]
    return wrong


def _unseen(error: KafkaError, name: str) -> list[str]:
    if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
        return []
    if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        return ["its settings may not be seen by this user (the right DescribeConfigs)"]
    raise _TopicError(error, name)
