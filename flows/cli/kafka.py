"""``nextclose kafka``: a durable Apache Kafka on this machine."""

import os
import re
import time
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.processes import running, start
from flows.cli.session import say
from flows.core.errors import FixConfiguration, Unreachable
from flows.embedded.apache_kafka import HOST, MAIN, PROPERTIES, Listener, Server, answers, is_free
from flows.embedded.kafka_libraries import java, libraries, resolve
from flows.embedded.state import state_directory

READY_SECONDS = 60


def kafka(
    port: Annotated[int, typer.Option(help="The broker's port on this machine.", min=1, max=65_000)] = 9092,
) -> None:
    """Start a durable Apache Kafka on this machine and print its address; safe to repeat."""
    state = state_directory()
    folder, pid_file, log = state / "kafka", state / "run" / "kafka.pid", state / "logs" / "kafka.log"
    if running(pid_file, MAIN):
        _same_port(folder, port)
        say("nextclose: Apache Kafka is running already")
    else:
        command = _prepared(folder, port)
        pid_file.parent.mkdir(parents=True, exist_ok=True)
        start(command, pid_file, log, os.environ, folder)
    _wait(pid_file, f"{HOST}:{port}", log)
    print(f"Apache Kafka:  {HOST}:{port}")
    print(f"Use it:        export KAFKA_BOOTSTRAP_SERVERS={HOST}:{port}")
    print("               .venv/bin/nextclose configure")
    print("Stop it:       make kafka-stop   (its records are kept)")


def _same_port(folder: Path, port: int) -> None:
    found = re.search(rf"(?m)^listeners=\w+://{HOST}:(\d+)", (folder / PROPERTIES).read_text(encoding="latin-1"))
    held = int(found[1]) if found else port
    if held != port:
        raise FixConfiguration(
            f"kafka, request: Apache Kafka is running already on port {held}. Use that one, or end it first: make kafka-stop"
        )


def _prepared(folder: Path, port: int) -> tuple[str, ...]:
    """Return the command line of a broker that has all it needs."""
    if not is_free(port):
        raise FixConfiguration(
            f"kafka, request: port {port} is taken by another program. End it, or choose another port: "
            f"make kafka KAFKA_PORT={port + 10}"
        )
    java()
    jars = libraries(folder)
    if not jars.exists():
        say("nextclose: fetching Apache Kafka by Maven (54 MB, once; up to a few minutes) …")
        resolve(jars)
    say(f"nextclose: starting Apache Kafka on port {port} …")
    controller = next(other for other in range(port + 1, port + 500) if is_free(other))
    return Server(folder, jars, (Listener("PLAINTEXT", port),), controller).prepare()


def _wait(pid_file: Path, address: str, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while not answers(address):
        if not running(pid_file, MAIN):
            raise Unreachable(f"kafka, request: Apache Kafka ended while it was starting; see {log}")
        if time.monotonic() > until:
            raise Unreachable(f"kafka, request: Apache Kafka does not answer at {address}; see {log}")
        time.sleep(0.2)
