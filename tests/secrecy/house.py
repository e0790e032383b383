"""A folder in which the product lives, with planted secrets in every place that takes one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import httpx
from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from flows.core.connections import KafkaConnection
from flows.embedded.broker import running_broker
from tests.operating.site import ROOT, Site
from tests.secrecy.job import Step
from tests.secrecy.offices import Office, Vendor
from tests.secrecy.planted import API_KEY, SMTP_PASSWORD, SMTP_USER
from tests.secrecy.search import Place, hits
from tests.secrecy.wrappings import below, opened

LOUD = {
    "PREFECT_LOGGING_LEVEL": "DEBUG",
    "PREFECT_LOGGING_ROOT_LEVEL": "DEBUG",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "nextclose,urllib3,urllib3.connection,urllib3.connectionpool,smtplib",
}
"""All that Prefect's settings can bring into its logs; HTTP of its own would log about itself for ever."""
SECONDS = 150.0
"""Of patience with a job."""
KILLED = "the killed job"


class House(Site):
    """The project in a folder, its server, and all that has been said there."""

    def __init__(self, folder: Path, port: int, market: Vendor, mail: Office) -> None:
        """Plant secrets into the environment, as a person would."""
        super().__init__(folder, port, market.url)
        self.market, self.mail = market, mail
        self.said: list[Place] = []
        self.kafkas: list[KafkaConnection] = []
        """Clusters whose records are looked at, besides the embedded broker's."""
        self.environment |= {
            "PYTHONPATH": str(ROOT),
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "ALPHAVANTAGE_API_KEY": API_KEY,
            "ALPHAVANTAGE_DAILY_REQUESTS": "",
            "ALPHAVANTAGE_REQUESTS_PER_SECOND": "",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mail.port),
            "SMTP_TYPE": "INSECURE",
            "SMTP_USERNAME": SMTP_USER,
            "SMTP_PASSWORD": SMTP_PASSWORD,
            "MAIL_TO": "you@example.test",
            "PREFECT_LOGGING_LEVEL": "DEBUG",
        }

    def _run(self, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        done = super()._run(command)
        self.said.append((" ".join(command[1:]), (done.stdout + done.stderr).encode()))
        return done

    def job(self, *steps: Step) -> str:
        """Run some commands in one process, telling all that can be told; return what they say."""
        return self._job(f"job {len(self.said)}: {steps[-1].words}", steps, lambda process: process.wait(SECONDS))

    def killed(self, *steps: Step) -> None:
        """Kill a job in the middle of its request about SLOW."""
        self._job(KILLED, steps, lambda _process: self.market.asked.wait(SECONDS))

    def _job(self, name: str, steps: Sequence[Step], wait: Callable[[subprocess.Popen[bytes]], object]) -> str:
        """Run a job until `wait` returns; its words go to a file, for a pipe would hold up whoever says too much."""
        path = self.folder / "said" / str(hash(name))
        path.parent.mkdir(exist_ok=True)
        command = (sys.executable, "-m", "tests.secrecy.job", json.dumps(steps))
        environment = {**self.environment, **LOUD}
        with (
            path.open("wb") as file,
            subprocess.Popen(command, cwd=self.folder, env=environment, stdout=file, stderr=file) as process,
        ):
            try:
                wait(process)
            finally:
                process.kill()
        self.said.append((name, path.read_bytes()))
        return path.read_text()

    def break_block(self, name: str, **values: object) -> None:
        """Put values into a block that it would not take."""
        found = self.post("block_documents/filter", {"block_documents": {"name": {"any_": [name]}}})
        address = f"http://127.0.0.1:{self.port}/api/block_documents/{found[0]['id']}"
        httpx.patch(address, json={"data": values, "merge_existing_data": True}).raise_for_status()

    def found(self, words: Sequence[str]) -> dict[str, list[str]]:
        """Return for each word every place in which it stands."""
        seen = hits(words, self._places())
        return {word: [one for one in seen if f": {word} as " in one] for word in words}

    def _places(self) -> Iterator[Place]:
        state = self.folder / ".nextclose"
        held = running_broker(state)
        yield from below(state)
        for name, said in self.said:
            yield from opened(name, said)
        for kafka in (*self.kafkas, *([held] if held is not None else [])):
            yield from records(kafka)

    def end(self) -> None:
        """Kill all that `up` has started: an end in order takes seven seconds."""
        for file in (self.folder / ".nextclose" / "run").glob("*.pid"):
            with suppress(ProcessLookupError):
                os.killpg(int(file.read_text()), signal.SIGKILL)


def records(kafka: KafkaConnection) -> Iterator[Place]:
    """Return every record on every topic but Kafka's own, with its key and headers."""
    consumer = Consumer({**kafka.settings, "group.id": "search", "enable.auto.commit": False})
    try:
        topics = [one for one in consumer.list_topics(timeout=10).topics.values() if not one.topic.startswith("__")]
        places = [TopicPartition(one.topic, number, OFFSET_BEGINNING) for one in topics for number in one.partitions]
        ends = [consumer.get_watermark_offsets(place, timeout=10) for place in places]
        consumer.assign(places)
        for _ in range(sum(high - low for low, high in ends)):
            message = consumer.poll(10)
            assert message is not None
            yield from opened(f"{message.topic()} {message.partition()}@{message.offset()}", _bytes(message))
    finally:
        consumer.close()


def _bytes(message: Message) -> bytes:
    headers = (value for pair in message.headers() or [] for value in pair)
    values = (message.key(), message.value(), *headers)
    return b"\0\0".join(value.encode() if isinstance(value, str) else value for value in values if value)
