"""The forecasts topic, read as evidence."""

from dataclasses import dataclass
from datetime import UTC, datetime

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

    records: tuple[OnTopic, ...]
    """Those of one ledger, and those that name none, in the order of offsets within each partition."""
    foreign: int
    """Records of other ledgers."""
    unreadable: tuple[str, ...]
    """In words, each record that is no forecast."""


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
    foreign = 0
    with reading(connection, topic, [], "record, verify") as opened:
        for message in (message for batch in opened.messages() for message in batch):
            if dict(headers_of(message)).get("ledger", ledger.encode()) != ledger.encode():
                foreign += 1
                continue
            try:
                records.append(_on_topic(message))
            except RejectData as error:
                unreadable.append(f"partition {message.partition()}, offset {message.offset()}: {error}")
    return Evidence(tuple(records), foreign, tuple(unreadable))


def _on_topic(message: Message) -> OnTopic:
    raw = message.value()
    value = unframed(raw if isinstance(raw, bytes) else b"")
    kind, milliseconds = message.timestamp()
    return OnTopic(
        decode_forecast(value),
        hash_of(value),
        int(message.partition() or 0),
        int(message.offset() or 0),
        datetime.fromtimestamp(milliseconds / 1000, UTC),
        kind == TIMESTAMP_LOG_APPEND_TIME,
    )
