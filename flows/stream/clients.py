"""Making Kafka's clients, and meeting the cluster for the first time."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from flows.core.connections import KafkaConnection
from flows.core.errors import FixConfiguration
from flows.core.redaction import redact
from flows.stream.faults import Faults, explained

Client = TypeVar("Client")
Settings = Mapping[str, str | int | float | bool]

COMMON: Settings = {
    "client.id": "nextclose",
    # A broker that restarts is found again within seconds.
    "reconnect.backoff.ms": 250,
    "reconnect.backoff.max.ms": 2_000,
    "socket.keepalive.enable": True,
    "log.connection.close": False,
}
AGAIN_SECONDS = 60.0
_PASSING = re.compile(r"\[nextclose#[^\]]*\]|\(after \d+ms[^)]*\)|\d+ms")
"""What differs between two messages that say the same."""
CONTACT_SECONDS = 10.0
"""How long a cluster may take to answer for the first time."""

_log = logging.getLogger("nextclose.kafka")


class _Sparing(logging.Filter):
    """Lets each message of librdkafka's pass once a minute: a broker that is away is told ten times a second.

    What a broker that has just started says to every first producer, and what mends itself, never passes.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a message is worth telling."""
        said = _PASSING.sub("", record.getMessage())
        if "Coordinator load in progress: retrying" in said or record.created < self._told.get(said, 0):
            return False
        self._told = {text: until for text, until in self._told.items() if until > record.created}
        self._told[said] = record.created + AGAIN_SECONDS
        return True


_log.addFilter(_Sparing())


def client(
    make: Callable[..., Client], connection: KafkaConnection, settings: Settings, who: str, faults: Faults | None = None
) -> Client:
    """Return a client of confluent-kafka.

    Args:
        make: The client's class.
        connection: Its settings win over `settings`.
        settings: What this use of the client needs.
        who: The symbol and step that head an error's message.
        faults: Told what happens to the client's connections.

    Raises:
        FixConfiguration: librdkafka does not know a setting, or refuses its value.
    """
    try:
        return make({**COMMON, **settings, **connection.settings, "error_cb": faults or Faults()}, logger=_log)
    except (KafkaException, TypeError, ValueError, AttributeError) as error:
        told = error.args[0].str() if isinstance(error, KafkaException) else type(error).__name__
        why = redact(told, connection.secrets)
        raise FixConfiguration(
            f"{who}: Kafka's client refuses its settings: {why}. Check the kafka block, its files of certificates too"
        ) from None


def reach(connection: KafkaConnection, who: str) -> AdminClient:
    """Return an administrator's client to which the cluster has answered.

    Raises:
        AccessRefused: The cluster refuses the login or the certificate.
        Unreachable: It did not answer within CONTACT_SECONDS.
    """
    faults = Faults()
    admin = client(AdminClient, connection, {}, who, faults)
    until = time.monotonic() + CONTACT_SECONDS
    while (error := _ask(admin)) is not None:
        if faults.decisive is not None or time.monotonic() > until:
            raise explained(faults.best or error, connection, who)
    return admin


def _ask(admin: AdminClient) -> KafkaError | None:
    try:
        admin.list_topics(timeout=1.0)
    except KafkaException as error:
        admin.poll(0)
        found: KafkaError = error.args[0]
        return found
    return None
