"""The Schema Registry, where one is named: values are written by confluent-kafka's JSON serializer."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import orjson

from flows.core.connections import KafkaConnection
from flows.core.errors import FixConfiguration, Unreachable
from flows.core.redaction import redact
from flows.stream.records import SCHEMAS

Framing = Callable[[bytes], bytes]

ADDRESS = "Look at schema_registry_url in the kafka block"
LOGIN = "Look at schema_registry_url, schema_registry_username and schema_registry_password in the kafka block"
PASSING = frozenset((408, 429))
"""With these a server asks to be tried again; with all from 500 on it tells of a fault of its own."""
LONGEST_REASON = 300
"""A page of HTML is no sentence."""


def framing(connection: KafkaConnection, topic: str, schema: str, who: str) -> Framing | None:
    """Return what turns a value of ours into the registry's form, or None where no registry is named.

    The registry's form is a zero, the schema's number in four bytes, and the same JSON.

    Args:
        connection: Names the registry.
        topic: The subject is this topic's value.
        schema: The name of the values' schema.
        who: The symbol and step that head an error's message.
    """
    if not connection.registry or schema not in SCHEMAS:
        return None
    serialize = _serializer(tuple(sorted(connection.registry.items())), schema)
    return lambda value: _framed(serialize, connection, topic, value, who)


class _Value(dict[str, Any]):
    """A value for the serializer to look at, which is written as the bytes that it was read from."""

    written: str


def _read(value: object, _context: object) -> _Value:
    if not isinstance(value, bytes):
        raise TypeError("a value is bytes")
    found = _Value(orjson.loads(value))
    found.written = value.decode()
    return found


@lru_cache(maxsize=16)
def _serializer(settings: tuple[tuple[str, str | int], ...], schema: str) -> Any:
    # Imported where a registry is named only: its client is another library's.
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from confluent_kafka.schema_registry.json_schema import JSONSerializer

    text = json.dumps(SCHEMAS[schema].model_json_schema())
    # The same bytes with a registry and without: a forecast's hash must not depend on it.
    return JSONSerializer(text, SchemaRegistryClient(dict(settings)), _read, json_encode=lambda value: value.written)


def count_subjects(connection: KafkaConnection, who: str) -> int:
    """Ask the registry how many subjects it has.

    Raises:
        FixConfiguration: It refuses the login, or is no registry.
        Unreachable: It does not answer, or has a fault of its own.
    """
    from confluent_kafka.schema_registry import SchemaRegistryClient

    with _told(connection, who):
        subjects = SchemaRegistryClient(dict(connection.registry)).get_subjects()
        if not isinstance(subjects, list):
            raise TypeError("the subjects are no list")
        return len(subjects)


def _framed(serialize: Any, connection: KafkaConnection, topic: str, value: bytes, who: str) -> bytes:
    from confluent_kafka.serialization import MessageField, SerializationContext

    with _told(connection, f"{who} ({topic})"):
        return bytes(serialize(value, SerializationContext(topic, MessageField.VALUE)))


@contextmanager
def _told(connection: KafkaConnection, who: str) -> Iterator[None]:
    """Tell what a registry's client raises as an error of ours."""
    from confluent_kafka.schema_registry.error import SchemaRegistryError
    from confluent_kafka.serialization import SerializationError
    from httpx2 import HTTPError

    head = f"{who}: the schema registry at {connection.registry['url']}"
    try:
        yield
    except SchemaRegistryError as error:
        why = _shown(error, connection)
        if error.http_status_code in PASSING or error.http_status_code >= 500:
            raise Unreachable(f"{head} is in trouble: {why}. {ADDRESS}, and whether it is up") from None
        raise FixConfiguration(f"{head} refuses: {why}. {LOGIN}") from None
    except HTTPError as error:
        raise Unreachable(f"{head} does not answer ({type(error).__name__}). {ADDRESS}") from None
    except (SerializationError, ValueError, TypeError, AttributeError, LookupError) as error:
        # Its client takes any answer with the status 200 for a registry's.
        raise FixConfiguration(
            f"{head} answers otherwise than one does: {_shown(error, connection)}. {ADDRESS}"
        ) from None


def _shown(error: Exception, connection: KafkaConnection) -> str:
    # The login in one piece too: a server may echo the header that carries it, in base64.
    secrets = (*connection.secrets, str(connection.registry.get("basic.auth.user.info", "")))
    return redact(str(error), secrets)[:LONGEST_REASON]
