"""The forecasts topic, read as evidence."""

from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Message

from flows.core.connections import KafkaConnection
from flows.core.errors import RejectData
from flows.core.issued import OnTopic
from flows.stream.codec import decode_forecast, hash_of
from flows.stream.consume import reading
from flows.stream.reading import headers_of, unframed


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the forecasts topic holds."""

    records: tuple[OnTopic, ...] = ()
    """Those of one ledger, and those that name none, in the order of offsets within each partition."""
    foreign: int = 0
    """Records of other ledgers."""
    unreadable: tuple[str, ...] = ()
    """In words, each record that is no forecast."""
    older: int = 0
    """Records from before forecasts were chained, which name no ledger and have no place."""
    cluster: str = ""


def read_evidence(connection: KafkaConnection, topic: str, ledger: str) -> Evidence:
    """Read a forecasts topic from its first record to its last.

    Args:
        connection: The cluster.
        topic: The topic's full name.
        ledger: The name of the ledger whose forecasts are looked for.

    Raises:
        Unreachable: The broker does not answer.
        FixConfiguration: It refuses the login or the topic, or has no such topic.
    """
    records: list[OnTopic] = []
    unreadable: list[str] = []
    foreign, older = 0, 0
    with reading(connection, topic, [], "record, verify") as opened:
        for message in (message for batch in opened.messages() for message in batch):
            headers = dict(headers_of(message))
            if headers.get("ledger", ledger.encode()) != ledger.encode():
                foreign += 1
                continue
            try:
                records.append(_on_topic(message))
            except RejectData as error:
                if "ledger" not in headers and _is_older(message):
                    older += 1
                else:
                    unreadable.append(f"partition {message.partition()}, offset {message.offset()}: {error}")
    return Evidence(tuple(records), foreign, tuple(unreadable), older, opened.cluster)


def _is_older(message: Message) -> bool:
    """Say whether a record is a forecast of before there were chains."""
    try:
        value = orjson.loads(_value(message))
    except ValueError:
        return False
    return isinstance(value, dict) and "forecast_id" in value and "place" not in value


def _value(message: Message) -> bytes:
    raw = message.value()
    return unframed(raw if isinstance(raw, bytes) else b"")


def _on_topic(message: Message) -> OnTopic:
    value = _value(message)
    kind, milliseconds = message.timestamp()
    return OnTopic(
        decode_forecast(value),
        hash_of(value),
        int(message.partition() or 0),
        int(message.offset() or 0),
        datetime.fromtimestamp(milliseconds / 1000, UTC),
        kind == TIMESTAMP_LOG_APPEND_TIME,
    )
