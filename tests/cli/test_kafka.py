"""Tests of `nextclose kafka` and `nextclose kafka-stop`, for real."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.core.connections import KafkaConnection
from flows.embedded.apache_kafka import answers
from tests.broker.node import jars_or_skip
from tests.broker.records import make_topic, read, send
from tests.broker.settings import free_ports

COMMAND = (sys.executable, "-m", "flows.cli")
PATH = os.environ["PATH"]


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to give the commands in, and a port for its broker."""

    folder: Path
    port: int

    @property
    def state(self) -> Path:
        """What the commands leave."""
        return self.folder / ".nextclose"

    @property
    def way(self) -> KafkaConnection:
        """The way to its broker."""
        return KafkaConnection({"bootstrap.servers": f"127.0.0.1:{self.port}"})

    def nextclose(self, *words: str, path: str = PATH) -> subprocess.CompletedProcess[str]:
        """Give a command."""
        environment = {**os.environ, "PATH": path}
        return subprocess.run(
            (*COMMAND, *words),
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def start(self, path: str = PATH) -> subprocess.CompletedProcess[str]:
        """Start the broker on this place's port."""
        return self.nextclose("kafka", "--port", str(self.port), path=path)

    def program(self, name: str, text: str) -> str:
        """Put a shell script first on the search path; return that path."""
        file = self.folder / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        file.chmod(0o755)
        return f"{file.parent}:{PATH}"


@pytest.fixture
def bare(tmp_path: Path) -> Place:
    """A folder where nothing was ever started."""
    return Place(tmp_path, free_ports().plaintext)


@pytest.fixture
def place(bare: Place) -> Iterator[Place]:
    """A folder with the jars that the repository has; whatever runs there is ended."""
    (bare.state / "kafka").mkdir(parents=True)
    (bare.state / "kafka" / "libs").symlink_to(jars_or_skip().parent)
    yield bare
    bare.nextclose("kafka-stop")


def test_records_outlive_a_stop_and_a_start(place: Place) -> None:
    """Start, produce, stop, start: the record is there; the address is told on standard output each time."""
    first = place.start()
    assert first.returncode == 0, first.stderr
    assert f"Apache Kafka:  127.0.0.1:{place.port}\n" in first.stdout
    assert f"export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:{place.port}\n" in first.stdout
    topic = make_topic(place.way)
    assert send(place.way, topic, "kept") is None
    assert place.nextclose("kafka-stop").returncode == 0
    assert not answers(place.way.address)
    assert place.start().stdout == first.stdout
    assert read(place.way, topic, 1) == ["kept"]


def test_both_commands_are_safe_to_repeat(place: Place) -> None:
    """A second start finds the broker, on its own port only; a second stop finds nothing."""
    first, again = place.start(), place.start()
    other = place.nextclose("kafka", "--port", str(place.port + 1))
    stops = [place.nextclose("kafka-stop") for _ in range(2)]
    assert (first.returncode, again.returncode, again.stdout) == (0, 0, first.stdout)
    assert "running already" in again.stderr
    assert other.returncode == 1
    assert f"running already on port {place.port}" in other.stderr
    assert [stop.returncode for stop in stops] == [0, 0]
    assert "no Apache Kafka" in stops[1].stderr
    assert not (place.state / "run" / "kafka.pid").exists()


def test_a_killed_broker_is_started_again(place: Place) -> None:
    """What is left of a killed broker, its pid file too, stands in nobody's way."""
    assert place.start().returncode == 0
    topic = make_topic(place.way)
    assert send(place.way, topic, "kept") is None
    os.kill(int((place.state / "run" / "kafka.pid").read_text()), 9)
    assert place.start().returncode == 0
    assert read(place.way, topic, 1) == ["kept"]


def test_a_broker_that_ends_at_once_is_told_with_its_log(place: Place) -> None:
    """Nobody waits a minute for a broker that is gone."""
    (place.state / "kafka" / "data").mkdir()
    done = place.start()
    assert done.returncode == 1
    assert f"see {place.state / 'logs' / 'kafka.log'}" in done.stderr
    assert "meta.properties" in (place.state / "logs" / "kafka.log").read_text()


def test_a_taken_port_is_named(bare: Place) -> None:
    """One sentence says which port, and how to choose another."""
    with socket.create_server(("127.0.0.1", bare.port)):
        done = bare.start()
    assert done.returncode == 1
    assert done.stderr == (
        f"nextclose: kafka, request: port {bare.port} is taken by another program. End it, or choose another port: "
        f"make kafka KAFKA_PORT={bare.port + 10}\n"
    )


def test_missing_java_is_told_with_its_packages(bare: Place) -> None:
    """Without Java there is one sentence, and nothing is left behind."""
    done = bare.start(path="")
    assert done.returncode == 1
    assert "no Java was found, and Apache Kafka needs Java 17 or newer" in done.stderr
    assert "apt-get install openjdk-17-jre-headless maven" in done.stderr
    assert not (bare.state / "kafka").exists()


@pytest.mark.parametrize(("said", "version"), [("11.0.22", 11), ("1.8.0_392", 8)])
def test_an_old_java_is_named_with_its_version(bare: Place, said: str, version: int) -> None:
    """The sentence names the Java that was found."""
    done = bare.start(bare.program("java", f"echo 'openjdk version \"{said}\"' >&2"))
    assert done.returncode == 1
    assert f"{bare.folder / 'bin' / 'java'} is Java {version}, and Apache Kafka needs 17 or newer" in done.stderr


def test_maven_without_its_repository_is_told_without_passwords(bare: Place) -> None:
    """Maven's own reason stands in the sentence, a mirror's password does not, and no half of the jars stays."""
    bare.program("java", "echo 'openjdk version \"17.0.15\"' >&2")
    reason = "Could not transfer artifact from https://me:planted-password@mirror.invalid/: Connection refused"
    done = bare.start(bare.program("mvn", f"echo '[ERROR] {reason}'; echo '[ERROR] [Help 1] read more'; exit 1"))
    assert done.returncode == 1
    assert "Maven did not fetch Apache Kafka: Could not transfer artifact" in done.stderr
    assert "Connection refused. Can Maven reach" in done.stderr
    assert "planted-password" not in done.stderr
    assert list((bare.state / "kafka" / "libs").iterdir()) == []


def test_missing_maven_is_told_with_its_package(bare: Place) -> None:
    """Maven is asked for only where the jars are not there yet."""
    path = bare.program("java", "echo 'openjdk version \"21\"' >&2").partition(":")[0]
    done = bare.start(path)
    assert done.returncode == 1
    assert "Maven (mvn) was not found" in done.stderr
