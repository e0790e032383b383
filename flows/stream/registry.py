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
        FixConfiguration: It refuses the login.
        Unreachable: It does not answer.
    """
    from confluent_kafka.schema_registry import SchemaRegistryClient

    with _told(connection, who):
        return len(SchemaRegistryClient(dict(connection.registry)).get_subjects())


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

    address = connection.registry["url"]
    try:
        yield
    except SchemaRegistryError as error:
        raise FixConfiguration(
            f"{who}: the schema registry at {address} refuses: {redact(str(error), connection.secrets)}. Look at "
            "schema_registry_url, schema_registry_username and schema_registry_password in the kafka block"
        ) from None
    except (HTTPError, SerializationError) as error:
        raise Unreachable(
            f"{who}: the schema registry at {address} does not answer ({type(error).__name__}). Look at "
            "schema_registry_url in the kafka block"
        ) from None
