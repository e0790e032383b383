"""The doctor's look at a Kafka cluster: does it answer, are the topics as they should be, what may this user do."""

from collections.abc import Mapping

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclOperation

from flows.core.bars import Origin
from flows.core.checks import Check, broken
from flows.core.connections import KafkaConnection
from flows.core.errors import NextcloseError
from flows.stream import registry
from flows.stream.clients import reach
from flows.stream.faults import explained
from flows.stream.topics import ALL, TIMEOUT, TopicState, inspect, topic_name

NEEDED = (AclOperation.DESCRIBE, AclOperation.READ, AclOperation.WRITE)
MEND = (
    "Change it with Kafka's own tools (kafka-configs, or your cloud's page of the topic), or give nextclose topics of its "
    "own with another topic_prefix in the kafka block"
)

UNREACHED = "Check bootstrap_servers and the login in the kafka block"


def check_cluster(connection: KafkaConnection, origin: Origin) -> list[Check]:
    """Look at a cluster and the topics for one origin's data; nothing is created or changed."""
    try:
        admin = reach(connection, "doctor")
        if connection.embedded:
            return [_embedded(connection)]
        names = {topic_name(topic, connection, origin): topic for topic in ALL}
        states = {state.name: state for state in inspect(admin, names, connection)}
        rights = _rights(admin, list(states))
        topics = [_topic(name, states.get(name), rights.get(name, frozenset())) for name in names]
        return [_broker(admin, connection), *_unused_login(connection), *topics, *_registry(connection)]
    except NextcloseError as error:
        return [broken("Kafka", error, UNREACHED)]
    except KafkaException as error:
        return [broken("Kafka", explained(error.args[0], connection, "doctor"), UNREACHED)]


def _unused_login(connection: KafkaConnection) -> list[Check]:
    protocol = str(connection.settings.get("security.protocol", "PLAINTEXT"))
    if "SASL" in protocol or not any(name.startswith("sasl.") for name in connection.settings):
        return []
    mend = "Choose SASL_SSL or SASL_PLAINTEXT as security_protocol in the kafka block, or empty the SASL fields"
    return [Check("Kafka login", "warning", f"is set, but {protocol} makes no use of it", mend)]


def _embedded(connection: KafkaConnection) -> Check:
    whose = "of this run only" if connection.private else "of `make up`"
    return Check(
        "Kafka",
        "warning",
        f"an embedded broker {whose} at {connection.address}, which forgets every record when it ends",
        "That is enough to begin with. For a durable one: make kafka, or name your cluster in the kafka block",
    )


def _broker(admin: AdminClient, connection: KafkaConnection) -> Check:
    metadata = admin.list_topics(timeout=TIMEOUT)
    protocol = connection.settings.get("security.protocol", "PLAINTEXT")
    brokers = "1 broker" if len(metadata.brokers) == 1 else f"{len(metadata.brokers)} brokers"
    return Check("Kafka", "ok", f"{connection.address} answers by {protocol}: cluster {metadata.cluster_id}, {brokers}")


def _topic(name: str, state: TopicState | None, rights: frozenset[AclOperation]) -> Check:
    if state is None:
        mend = "The first run creates it if this user may; otherwise have the cluster's administrator create it"
        return Check(name, "warning", "does not exist, or this user may not see it", mend)
    missing = [operation.name.capitalize() for operation in NEEDED if rights and operation not in rights]
    if missing:
        mend = "Have the cluster's administrator grant it, or look at sasl_username in the kafka block"
        return Check(name, "broken", f"this user may not {', '.join(missing)}", mend)
    if state.differences:
        return Check(name, "warning", f"has {', '.join(state.differences)}", MEND)
    return Check(name, "ok", f"{state.partitions} partitions, kept for ever; this user may describe, read and write")


def _rights(admin: AdminClient, names: list[str]) -> Mapping[str, frozenset[AclOperation]]:
    """Return what this user may do with each topic; nothing where the cluster does not tell."""
    if not names:
        return {}
    found = {}
    futures = admin.describe_topics(TopicCollection(names), include_authorized_operations=True, request_timeout=TIMEOUT)
    for name, future in futures.items():
        try:
            found[name] = frozenset(future.result().authorized_operations or ())
        except KafkaException:
            # A topic that may not be described is told as missing by what lists them.
            continue
    return found


def _registry(connection: KafkaConnection) -> list[Check]:
    if not connection.registry:
        return []
    try:
        count = registry.count_subjects(connection, "doctor")
    except NextcloseError as error:
        return [broken("Schema Registry", error, "Check schema_registry_url in the kafka block")]
    return [Check("Schema Registry", "ok", f"{connection.registry['url']} answers, with {count} subjects")]
