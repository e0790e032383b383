"""Making Kafka's clients: what their settings refuse is told as what it is."""

import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

from confluent_kafka import KafkaException

from flows.core.connections import KafkaConnection
from flows.core.errors import FixConfiguration
from flows.core.redaction import redact

Client = TypeVar("Client")
Settings = Mapping[str, str | int | float | bool]

_log = logging.getLogger("nextclose.kafka")


def client(make: Callable[..., Client], connection: KafkaConnection, settings: Settings, who: str) -> Client:
    """Return a client of confluent-kafka.

    Args:
        make: The client's class.
        connection: Its settings win over `settings`.
        settings: What this use of the client needs.
        who: The symbol and step that head an error's message.

    Raises:
        FixConfiguration: librdkafka does not know a setting, or refuses its value.
    """
    try:
        return make({**settings, **connection.settings}, logger=_log)
    except KafkaException as error:
        why = redact(error.args[0].str(), connection.secrets)
        raise FixConfiguration(f"{who}: Kafka's client refuses its settings: {why}. Check the kafka block") from None
