"""A Kafka broker inside this process: librdkafka's mock cluster. It forgets everything when it ends.

``python -m flows.embedded.broker FILE`` holds one until it is told to end, and writes its address into FILE, so that
all runs of ``make up`` meet on the same broker.
"""

import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Producer

from flows.core.connections import KafkaConnection

ADDRESS_FILE = Path("kafka") / "embedded"

_log = logging.getLogger("nextclose.kafka")


@contextmanager
def embedded_broker(prefix: str = "") -> Iterator[KafkaConnection]:
    """Run a broker on a free loopback port and hand out the way to it."""
    # The cluster lives as long as the producer that owns it; everybody else comes in by its port.
    owner = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 3}, logger=_log)
    brokers = owner.list_topics(timeout=10).brokers.values()
    address = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    yield KafkaConnection({"bootstrap.servers": address}, prefix=prefix, embedded=True, private=True)
    owner.flush(0)


def running_broker(state: Path) -> KafkaConnection | None:
    """Return the broker that `make up` holds, or None where none answers."""
    file = state / ADDRESS_FILE
    address = file.read_text(encoding="ascii").strip() if file.exists() else ""
    host, _, port = address.rpartition(":")
    if not host or not _answers(host, int(port)):
        return None
    return KafkaConnection({"bootstrap.servers": address}, embedded=True)


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, port)) == 0


def hold(file: Path) -> None:
    """Run a broker until SIGTERM or SIGINT; `file` holds its address as long."""
    file.parent.mkdir(parents=True, exist_ok=True)
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with embedded_broker() as connection:
        file.write_text(connection.address, encoding="ascii")
        try:
            signal.sigwait(signals)
        finally:
            file.unlink(missing_ok=True)


if __name__ == "__main__":
    hold(Path(sys.argv[1]))
