"""What Kafka's errors mean, and which field of the kafka block to look at."""

from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaError

from flows.core.connections import KafkaConnection
from flows.core.errors import AccessRefused, FixConfiguration, NextcloseError, Unreachable
from flows.core.redaction import redact


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a group of Kafka's errors means to a person."""

    error: type[NextcloseError]
    what: str
    mend: str


LOGIN = Meaning(
    AccessRefused,
    "refuses the login",
    "Look at sasl_username, sasl_password and sasl_mechanism in the kafka block, and at security_protocol",
)
TLS = Meaning(
    AccessRefused,
    "and this machine do not agree on a secure connection",
    "Look at ssl_ca in the kafka block, at ssl_certificate and ssl_key if the cluster wants them, and at security_protocol",
)
RIGHTS = Meaning(
    AccessRefused,
    "does not let this user do that",
    "Look at sasl_username and topic_prefix in the kafka block, or have the cluster's administrator grant the user the "
    "rights to describe, read and write the topics",
)
NO_TOPIC = Meaning(
    FixConfiguration,
    "has no such topic",
    "Look at topic_prefix in the kafka block; a run creates missing topics if the user may, otherwise have the cluster's "
    "administrator create them",
)
NO_SUCH_SHAPE = Meaning(
    FixConfiguration,
    "does not make the topic like that",
    "Look at topic_partitions and topic_replication in the kafka block, or have the cluster's administrator create it",
)
TOO_LARGE = Meaning(
    FixConfiguration, "takes no record this large", "Raise max.message.bytes of the topic, or of the cluster"
)
BAD_NAME = Meaning(FixConfiguration, "does not take this name for a topic", "Look at topic_prefix in the kafka block")
MOVED = Meaning(
    Unreachable,
    "has deleted records that were about to be read",
    "It can be tried again, from those that are left; the topic's retention should be unlimited (retention.ms=-1)",
)
NAME = Meaning(Unreachable, "cannot be found by its name", "Look at bootstrap_servers in the kafka block")
SILENCE = Meaning(
    Unreachable,
    "does not answer",
    "Look at bootstrap_servers and security_protocol in the kafka block, and whether the cluster is up",
)
SECURE_SILENCE = Meaning(
    Unreachable,
    "does not answer",
    # A server that speaks TLS 1.3 refuses a client's certificate by no more than closing the connection.
    "Look at bootstrap_servers and security_protocol in the kafka block, at ssl_ca, at ssl_certificate and ssl_key if the "
    "cluster wants them, and whether the cluster is up",
)

MEANINGS: Mapping[int, Meaning] = {
    KafkaError._AUTHENTICATION: LOGIN,  # noqa: SLF001 - librdkafka's own names
    KafkaError.SASL_AUTHENTICATION_FAILED: LOGIN,
    KafkaError.UNSUPPORTED_SASL_MECHANISM: LOGIN,
    KafkaError._SSL: TLS,  # noqa: SLF001
    KafkaError.TOPIC_AUTHORIZATION_FAILED: RIGHTS,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: RIGHTS,
    KafkaError.GROUP_AUTHORIZATION_FAILED: RIGHTS,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: RIGHTS,
    KafkaError.UNKNOWN_TOPIC_OR_PART: NO_TOPIC,
    KafkaError._UNKNOWN_TOPIC: NO_TOPIC,  # noqa: SLF001
    KafkaError._UNKNOWN_PARTITION: NO_TOPIC,  # noqa: SLF001
    KafkaError.TOPIC_EXCEPTION: BAD_NAME,
    KafkaError.INVALID_PARTITIONS: NO_SUCH_SHAPE,
    KafkaError.INVALID_REPLICATION_FACTOR: NO_SUCH_SHAPE,
    KafkaError.INVALID_CONFIG: NO_SUCH_SHAPE,
    KafkaError.POLICY_VIOLATION: NO_SUCH_SHAPE,
    KafkaError.MSG_SIZE_TOO_LARGE: TOO_LARGE,
    KafkaError._AUTO_OFFSET_RESET: MOVED,  # noqa: SLF001
    KafkaError.OFFSET_OUT_OF_RANGE: MOVED,
    KafkaError._RESOLVE: NAME,  # noqa: SLF001
}
"""All other errors are silence: the same may succeed later."""


class Faults:
    """Remembers what a client tells of its connections; given to it as its `error_cb`."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._told: dict[int, KafkaError] = {}

    def __call__(self, error: KafkaError) -> None:
        """Take one error from librdkafka."""
        self._told.setdefault(error.code(), error)

    @property
    def decisive(self) -> KafkaError | None:
        """The first error that no waiting mends, or None."""
        return next(
            (error for error in self._told.values() if not issubclass(_meaning(error).error, Unreachable)), None
        )

    @property
    def best(self) -> KafkaError | None:
        """The error that explains most, or None."""
        known = [error for error in self._told.values() if error.code() in MEANINGS]
        return self.decisive or next(iter((*known, *self._told.values())), None)

    def forget(self) -> None:
        """Begin anew, because the cluster has answered since."""
        self._told.clear()


def is_lasting(error: KafkaError) -> bool:
    """Say whether an error stays, however often the same is tried."""
    return not issubclass(_meaning(error).error, Unreachable)


def explained(error: KafkaError | None, connection: KafkaConnection, who: str, topic: str = "") -> NextcloseError:
    """Return the error of ours that says what Kafka's error means and what to do.

    Args:
        error: What librdkafka told; None where nothing was heard at all.
        connection: Whose address is named and whose secrets are taken out.
        who: The symbol and step that head the message.
        topic: The topic in question.
    """
    meaning = SILENCE if error is None else _meaning(error)
    if meaning is SILENCE and _is_secure(connection):
        meaning = SECURE_SILENCE
    about = f" ({topic})" if topic else ""
    if error is None or error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001
        # librdkafka says "0/1 brokers are down" where each connection is closed at once.
        why = "no answer came in time"
    else:
        why = redact(error.str(), connection.secrets).rstrip(".")
    return meaning.error(f"{who}: Kafka at {connection.address} {meaning.what}{about}: {why}. {meaning.mend}")


def _is_secure(connection: KafkaConnection) -> bool:
    return str(connection.settings.get("security.protocol", "")).upper() in {"SSL", "SASL_SSL"}


def _meaning(error: KafkaError) -> Meaning:
    return MEANINGS.get(error.code(), SILENCE)
