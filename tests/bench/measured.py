"""The measurements on a real broker, each in a fresh process, ours and the bare loop in turn."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from confluent_kafka.admin import AdminClient

from flows.core.bars import Origin
from flows.core.connections import KafkaConnection
from flows.stream import clients, consume, produce, topics
from tests.bench import results
from tests.bench.job import LIMIT, Job, Settings, asked
from tests.bench.made import SYMBOLS
from tests.broker.connections import plaintext
from tests.broker.node import Node

Answer = dict[str, Any]
Answers = tuple[list[Answer], list[Answer]]
"""Ours and the bare loop's."""
OURS, BARE = "tests.bench.ours", "tests.bench.bare"


@dataclass(frozen=True, slots=True)
class Bench:
    """A broker, a folder for ledgers, and how many bars of each symbol there are."""

    node: Node
    place: Path
    sessions: int

    def everything(self, repeats: int) -> dict[str, Answers]:
        """Return the answers of every measurement."""
        produced, way = self._produced(repeats)
        kept, ledger = self._kept(way, repeats)
        again = [self._ask(OURS, "second_run", way, url=ledger)]
        return {
            "produce": produced,
            "consume": self._consumed(way, repeats),
            "into_ledger": (kept, []),
            "second_run": (again, []),
        }

    def _produced(self, repeats: int) -> tuple[Answers, KafkaConnection]:
        """Produce into a new topic each time; keep the last of ours for the readers."""
        found: Answers = ([], [])
        last: KafkaConnection | None = None
        for number in range(repeats + 1):
            for side in _turns(number):
                way = plaintext(self.node, f"{token_hex(4)}.")
                topics.ensure_topics(way, Origin.CUSTOM)
                answer = self._ask(side, "produce", way, settings=produce.SETTINGS)
                # The first round warms the broker up.
                found[side == BARE].extend([answer] if number else [])
                done, last = (last, way) if side == OURS else (way, last)
                _forget(done)
        assert last is not None
        return found, last

    def _consumed(self, way: KafkaConnection, repeats: int) -> Answers:
        found: Answers = ([], [])
        for number in range(repeats + 1):
            for side in _turns(number):
                answer = self._ask(side, "consume", way, settings=consume.SETTINGS)
                found[side == BARE].extend([answer] if number else [])
        return found

    def _kept(self, way: KafkaConnection, repeats: int) -> tuple[list[Answer], str]:
        urls = [f"sqlite:///{self.place / f'ledger-{number}.db'}" for number in range(repeats)]
        return [self._ask(OURS, "into_ledger", way, url=url) for url in urls], urls[-1]

    def _ask(
        self, side: str, what: str, way: KafkaConnection, *, settings: Settings | None = None, url: str = ""
    ) -> Answer:
        """Run one measurement in a process of its own."""
        topic = topics.topic_name(topics.BARS, way, Origin.CUSTOM)
        given = dict(way.settings) if side == OURS else {**clients.COMMON, **(settings or {}), **way.settings}
        command = (sys.executable, "-m", side, asked(Job(what, topic, self.sessions, given, url)))
        load = results.load()
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT + 30)
        assert done.returncode == 0, f"{side}, {what}: {done.stderr[-2000:]}"
        answer: Answer = {**json.loads(done.stdout.splitlines()[-1]), "load": load}
        assert answer["records"] == self.sessions * len(SYMBOLS)
        rate = answer["records"] / answer["seconds"]
        results.CONSOLE.print(
            f"{side.rpartition('.')[2]:5} {what:12} {rate:>12,.0f} bars/s  {answer['peak_mb']:>6.0f} MB"
        )
        return answer


def _turns(number: int) -> tuple[str, str]:
    """Let each side go first as often as the other."""
    return (OURS, BARE) if number % 2 else (BARE, OURS)


def _forget(way: KafkaConnection | None) -> None:
    """Delete topics that nobody reads: a million bars take 300 MB."""
    if way is None:
        return
    admin = AdminClient(dict(way.settings))
    names = [topics.topic_name(topic, way, Origin.CUSTOM) for topic in topics.ALL]
    for future in admin.delete_topics(names, request_timeout=10).values():
        future.result(15)
