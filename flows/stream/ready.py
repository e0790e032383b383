"""Producers made ahead: librdkafka lets each wait half a second for its number, counted from when it is made."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import NamedTuple

from confluent_kafka import Producer

from flows.core.connections import KafkaConnection
from flows.core.errors import FixConfiguration
from flows.stream.clients import Settings, client
from flows.stream.faults import Faults


class Made(NamedTuple):
    """A producer, and who is told what happens to its connections."""

    producer: Producer
    faults: Faults


_waiting: list[tuple[KafkaConnection, Made]] = []
_lock = Lock()


@contextmanager
def producers_ready(connection: KafkaConnection, settings: Settings, count: int) -> Iterator[None]:
    """Keep some producers for whoever needs one meanwhile; each is used by one only, and the rest is given up."""
    ahead: list[tuple[KafkaConnection, Made]] = []
    # Whoever needs a producer will meet the same fault, and has words for it.
    with suppress(FixConfiguration):
        ahead += [(connection, _made(connection, settings, "request")) for _ in range(count)]
    with _lock:
        _waiting.extend(ahead)
    try:
        yield
    finally:
        with _lock:
            _waiting[:] = [one for one in _waiting if not any(one is other for other in ahead)]


def producer_for(connection: KafkaConnection, settings: Settings, who: str) -> Made:
    """Return a producer that nobody has used: one that waits, or a new one.

    Raises:
        FixConfiguration: librdkafka does not know a setting, or refuses its value.
    """
    with _lock:
        for place, (way, made) in enumerate(_waiting):
            if way == connection:
                del _waiting[place]
                return made
    return _made(connection, settings, who)


def _made(connection: KafkaConnection, settings: Settings, who: str) -> Made:
    faults = Faults()
    return Made(client(Producer, connection, settings, who, faults), faults)
