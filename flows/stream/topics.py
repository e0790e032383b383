"""The topics: their names, and their settings on a broker that lets topics be created."""

from collections.abc import Iterable

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from flows.core.bars import Origin
from flows.core.connections import KafkaConnection
from flows.core.errors import Unreachable
from flows.core.redaction import redact
from flows.stream.clients import client

BARS = "nextclose.bars.v1"
FORECASTS = "nextclose.forecasts.v1"
QUARANTINE = "nextclose.quarantine.v1"
ALL = (BARS, FORECASTS, QUARANTINE)

PARTITIONS = 4
SETTINGS = {"cleanup.policy": "delete", "retention.ms": "-1"}
TIMEOUT = 15.0


def topic_name(topic: str, connection: KafkaConnection, origin: Origin) -> str:
    """Return a topic's full name: the configured prefix, and ``sample.`` in front of sample data."""
    return ("sample." if origin is Origin.SAMPLE else "") + connection.prefix + topic


def ensure_topics(connection: KafkaConnection, origin: Origin) -> None:
    """Create the topics that do not exist yet, kept for ever; the embedded broker makes them by itself.

    Raises:
        Unreachable: The broker did not answer, or refused.
    """
    if connection.embedded:
        return
    names = [topic_name(topic, connection, origin) for topic in ALL]
    admin = client(AdminClient, connection, {}, "produce")
    try:
        known = admin.list_topics(timeout=TIMEOUT).topics
        _create(admin, [name for name in names if name not in known])
    except KafkaException as error:
        raise Unreachable(
            f"produce: Kafka at {connection.address} did not create the topics: "
            f"{redact(str(error.args[0]), connection.secrets)}. Check the kafka block"
        ) from None


def _create(admin: AdminClient, names: Iterable[str]) -> None:
    new = [NewTopic(name, num_partitions=PARTITIONS, replication_factor=-1, config=SETTINGS) for name in names]
    if not new:
        return
    for future in admin.create_topics(new, request_timeout=TIMEOUT).values():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
