"""A durable Apache Kafka of one node on this machine: its server.properties, its storage, its command line.

What it has acknowledged is in the operating system's hands, so that a killed broker loses nothing; Kafka's
``log.flush.*`` would only help against a power cut, and costs a write to the disk for each batch.
"""

import base64
import errno
import logging
import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from flows.core.errors import FixConfiguration
from flows.embedded.kafka_libraries import java

HOST = "127.0.0.1"
CONTROLLER = "CONTROLLER"
PROPERTIES = "server.properties"
MAIN = f"kafka.Kafka {PROPERTIES}"
"""What stands in the broker's command line, and in no other program's."""
LOGGING = Path(__file__).with_name("kafka") / "log4j2.xml"
JVM = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dlog4j2.configurationFile=log4j2.xml",
)
"""Measured on two cores: with the first compiler alone, a broker that is up has cost 2.9 s of a processor instead of 4.7, and
after 60,000 records in and out 6.1 s instead of 10.1; it does that in the same time."""
FORMAT_SECONDS = 120

ONE_NODE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": CONTROLLER,
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    # Kafka's own topics: there is no second node to hold a copy, and no crowd to spread over 50 partitions.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    # A killed broker may come back only when its old session has ended: 3 s instead of 9.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}

_log = logging.getLogger("nextclose.kafka")


@dataclass(frozen=True, slots=True)
class Listener:
    """One door of the broker on loopback."""

    name: str
    port: int
    protocol: str = "PLAINTEXT"
    advertised_port: int | None = None
    """The port that clients are sent to, where it is another."""
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What holds for this listener alone; passwords included."""

    @property
    def address(self) -> str:
        """Where the broker listens, in Kafka's form."""
        return f"{self.name}://{HOST}:{self.port}"

    @property
    def advertised(self) -> str:
        """Where clients are sent to, in Kafka's form."""
        return f"{self.name}://{HOST}:{self.advertised_port or self.port}"


@dataclass(frozen=True, slots=True)
class Server:
    """One node."""

    folder: Path
    """The working directory: settings and data. All paths in them are relative to it."""
    libraries: Path
    listeners: tuple[Listener, ...]
    """The first one is the broker's own."""
    controller_port: int
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def data(self) -> Path:
        """Where the records are."""
        return self.folder / "data"

    def properties(self, data: str = "data") -> str:
        """Return the text of server.properties."""
        doors = (*self.listeners, Listener(CONTROLLER, self.controller_port))
        values = {
            **ONE_NODE,
            "log.dirs": data,
            "listeners": ",".join(door.address for door in doors),
            "advertised.listeners": ",".join(door.advertised for door in self.listeners),
            "listener.security.protocol.map": ",".join(f"{door.name}:{door.protocol}" for door in doors),
            "inter.broker.listener.name": self.listeners[0].name,
            "controller.quorum.bootstrap.servers": f"{HOST}:{self.controller_port}",
            **self.settings,
            **dict(_of_listeners(self.listeners)),
        }
        return "".join(f"{name}={_escaped(value)}\n" for name, value in values.items())

    def command(self, *words: str) -> tuple[str, ...]:
        """Return the command line of one of Kafka's programs; it runs in `folder`."""
        # A relative path: Java takes a colon in it for a separator, and mistakes other letters without a locale.
        jars = os.path.relpath(self.libraries.resolve(), self.folder.resolve())
        return (java(), *JVM, "-cp", f"{jars}/*", *words)

    def prepare(self, *format_words: str) -> tuple[str, ...]:
        """Write the settings, format the storage if there is none yet, and return the broker's command line.

        Args:
            format_words: More arguments of Kafka's StorageTool, such as users to begin with.

        Raises:
            FixConfiguration: There is no Java, or Kafka refused to format its storage.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(LOGGING, self.folder / LOGGING.name)
        if not self.data.exists():
            self._format(format_words)
        (self.folder / PROPERTIES).write_text(self.properties(), encoding="latin-1")
        return self.command(*MAIN.split())

    def _format(self, words: tuple[str, ...]) -> None:
        """Format beside `data` and rename: half a format would never be mended."""
        partial = self.folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        properties = self.folder / "format.properties"
        properties.write_text(self.properties(partial.name), encoding="latin-1")
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = ("kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={cluster}", "-c", properties.name)
        command = self.command(*tool, *words)
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=FORMAT_SECONDS
        )
        properties.unlink()
        if done.returncode:
            said = (done.stdout + done.stderr).strip().splitlines()[-1:]
            raise FixConfiguration(f"kafka, request: Kafka did not format {partial}: {' '.join(said)}. Is there space?")
        partial.rename(self.data)


def _of_listeners(listeners: tuple[Listener, ...]) -> Iterator[tuple[str, str]]:
    for listener in listeners:
        for name, value in listener.settings.items():
            yield f"listener.name.{listener.name.lower()}.{name}", value


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\")


def is_free(port: int) -> bool:
    """Say whether a port of this machine can be had at the moment."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False
    return True


def answers(address: str, seconds: float = 1.0) -> bool:
    """Say whether a broker at `address` answers a Kafka client."""
    host, _, port = address.rpartition(":")
    try:
        # Cheaper than a client, and a refused connection says nothing into the log.
        socket.create_connection((host, int(port)), timeout=seconds).close()
        return bool(AdminClient({"bootstrap.servers": address}, logger=_log).list_topics(timeout=seconds).brokers)
    except (OSError, KafkaException):
        return False
