"""Tests that other programs can use the topics: kcat, Kafka's own console consumer, and a Java producer."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flows.core.connections import KafkaConnection
from flows.stream.bar_codec import encode_bar
from flows.stream.produce import Outgoing
from tests.broker.node import Node
from tests.broker.records import make_topic
from tests.stream.records import a_revision, produce, raw_messages

HEADERS = {"schema": "nextclose.bar.v1", "origin": "sample", "run_id": "run"}
BAR = a_revision()


def program(name: str) -> str:
    """Return a program's path, or skip where it is not to be had."""
    found = shutil.which(name)
    if found is None and os.environ.get("NEXTCLOSE_REQUIRE_BROKER") == "1":
        pytest.fail(f"{name} is not installed")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def output(*words: str, given: str = "") -> str:
    """Run a program, and return what it prints."""
    done = subprocess.run(words, input=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def sent(kafka: KafkaConnection) -> tuple[str, str]:
    """A topic with one bar on it: the broker's address and the topic's name."""
    topic = make_topic(kafka, "bars")
    produce(kafka, topic, [Outgoing(BAR.symbol, encode_bar(BAR))], HEADERS, "test")
    return kafka.address, topic


def as_sent(value: str) -> bool:
    """Say whether a value is the bar that was sent."""
    found: dict[str, Any] = json.loads(value)
    return (found["symbol"], found["close"]) == (BAR.symbol, BAR.bar.close)


def test_kcat_reads_key_headers_and_value(sent: tuple[str, str]) -> None:
    """As the documentation shows it."""
    line = output(program("kcat"), "-b", sent[0], "-C", "-t", sent[1], "-e", "-q", "-f", "%k|%h|%s")
    key, headers, value = line.split("|")
    assert (key, dict(pair.split("=") for pair in headers.split(",")), as_sent(value)) == ("IBM", HEADERS, True)


def test_kafkas_console_consumer_reads_them_too(sent: tuple[str, str], session_node: Node) -> None:
    """The tool that comes with Kafka."""
    words = ("--bootstrap-server", sent[0], "--topic", sent[1], "--from-beginning", "--max-messages", "1")
    shown = ("--property", "print.key=true", "--property", "print.headers=true")
    main = "org.apache.kafka.tools.consumer.ConsoleConsumer"
    line = output(program("java"), "-cp", f"{session_node.jars}/*", main, *words, *shown)
    headers, key, value = line.strip().split("\t")
    assert (key, "schema:nextclose.bar.v1" in headers, as_sent(value)) == ("IBM", True, True)


def test_java_puts_a_symbol_where_we_do(kafka: KafkaConnection, session_node: Node) -> None:
    """Kafka's own hash, a Java producer with its defaults, and ours agree on every one of 1,000 symbols."""
    program("javac")
    symbols = [f"{chr(65 + number % 26)}{number}{'.LON' if number % 3 else ''}" for number in range(1_000)]
    topic, theirs = make_topic(kafka, "ours", 7), make_topic(kafka, "theirs", 7)
    produce(kafka, topic, (Outgoing(symbol, b"{}") for symbol in symbols), HEADERS, "test")
    ours = {(m.key() or b"").decode(): m.partition() for m in raw_messages(kafka, topic, len(symbols))}
    source = str(Path(__file__).with_name("Partitions.java"))
    lines = output(
        program("java"), "-cp", f"{session_node.jars}/*", source, kafka.address, theirs, "7", given="\n".join(symbols)
    )
    java = {key: (int(by_hash), int(by_producer)) for key, by_hash, by_producer in map(str.split, lines.splitlines())}
    assert {symbol: (place, place) for symbol, place in ours.items()} == java
