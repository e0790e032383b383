"""One real broker that a test may stop, kill, pause and start again."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType

from flows.core.errors import FixConfiguration
from flows.embedded.apache_kafka import HOST, answers
from flows.embedded.kafka_libraries import java, libraries, resolve
from flows.embedded.state import state_directory
from tests.broker.certificates import Certificates, make_certificates
from tests.broker.settings import Passwords, Ports, free_ports, server

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60.0
READER = ((ResourceType.TOPIC, AclOperation.READ), (ResourceType.GROUP, AclOperation.READ))
"""To read includes to describe."""


@dataclass(slots=True)
class Node:
    """A broker in a folder of its own, whose data outlive its process."""

    folder: Path
    jars: Path
    certificates: Certificates
    ports: Ports = field(default_factory=free_ports)
    passwords: Passwords = field(default_factory=Passwords)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where anybody may come in and do everything."""
        return f"{HOST}:{self.ports.plaintext}"

    @property
    def proxied_port(self) -> int:
        """Where the broker listens for a proxy."""
        return self.ports.proxied

    @property
    def proxy_port(self) -> int:
        """Where the listener at `proxied_port` sends its clients: a test's own proxy, or nobody."""
        return self.ports.proxy

    @property
    def log(self) -> Path:
        """What the broker says."""
        return self.folder / "kafka.log"

    @property
    def alive(self) -> bool:
        """Whether the process is there, paused or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process unless it is there; it is not waited for."""
        if self.alive:
            return
        node = server(self.folder, self.jars, self.ports, self.passwords, self.certificates)
        command = node.prepare(*self.passwords.scram_words)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def stop(self) -> None:
        """End it in order (SIGTERM)."""
        self.resume()
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it: its connections stay open, and nothing answers (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`; harmless otherwise (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop it in order, start it again, and wait until it answers."""
        self.stop()
        self.start()
        self.wait_until_ready()

    def wait_until_ready(self, timeout: float = READY_SECONDS) -> None:
        """Return when the broker answers on its plaintext listener."""
        until = time.monotonic() + timeout
        while not answers(self.address):
            assert self.alive, f"the broker has ended:\n{self.log.read_text()[-4000:]}"
            assert time.monotonic() < until, f"the broker does not answer:\n{self.log.read_text()[-4000:]}"
            time.sleep(0.1)

    def bring_up(self) -> None:
        """Whatever a test did to it: let it run and answer."""
        self.resume()
        self.start()
        self.wait_until_ready()

    def admin(self) -> AdminClient:
        """Return a client that may do everything."""
        return AdminClient({"bootstrap.servers": self.address})

    def let_reader_read(self) -> None:
        """Give `reader` its rights; they are kept with the data."""
        allowed = [
            AclBinding(kind, "*", ResourcePatternType.LITERAL, "User:reader", "*", what, AclPermissionType.ALLOW)
            for kind, what in READER
        ]
        admin = self.admin()
        for future in admin.create_acls(allowed).values():
            future.result(READY_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.alive:
            os.kill(self._process.pid, number)

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        if self._process is not None:
            self._process.wait(READY_SECONDS)


def jars_or_skip() -> Path:
    """Return Kafka's jars, shared by all sessions in this repository; where they are not to be had, skip the test."""
    target = libraries(state_directory(ROOT) / "kafka")
    try:
        java()
        resolve(target)
    except FixConfiguration as error:
        refuse = pytest.fail if os.environ.get("NEXTCLOSE_REQUIRE_BROKER") == "1" else pytest.skip
        refuse(str(error))
    return target


def start_node(folder: Path) -> Node:
    """Return a node that answers."""
    node = Node(folder / "node", jars_or_skip(), make_certificates(folder / "certificates"))
    node.start()
    node.wait_until_ready()
    node.let_reader_read()
    return node
