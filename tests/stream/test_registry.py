"""Tests of writing with a Schema Registry: a small one on loopback, asked by confluent-kafka's own client."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from blocks import KafkaCluster
from flows.core.connections import KafkaConnection
from flows.core.errors import FixConfiguration, Unreachable
from flows.stream.bar_codec import FRAME, decode_bar, encode_bar
from flows.stream.records import BAR_SCHEMA
from flows.stream.registry import count_subjects, framing
from tests.stream.records import a_revision

USER, PASSWORD = "me", "planted-password-0123456789"
LOGIN = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
NUMBER = 258
"""The schema's number: two of its four bytes are not zero."""


@dataclass
class Registry:
    """What was registered, and where."""

    url: str
    subjects: dict[str, str] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    registry: Registry

    def _answer(self, code: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        """Register a schema under a subject."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != LOGIN:
            return self._answer(401, {"error_code": 40101, "message": "Unauthorized"})
        self.registry.subjects[self.path.split("/")[2]] = body["schema"]
        return self._answer(200, {"id": NUMBER, "version": 1, **body})

    def do_GET(self) -> None:
        """List the subjects."""
        known = self.headers["Authorization"] == LOGIN
        body: object = list(self.registry.subjects) if known else {"error_code": 40101, "message": "Unauthorized"}
        self._answer(200 if known else 401, body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep the tests' output clean."""


@contextmanager
def registry() -> Iterator[Registry]:
    """Run a registry while the test lasts."""
    handler: Any = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.registry = Registry(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield handler.registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def way(url: str, password: str = PASSWORD) -> KafkaConnection:
    """Return what a kafka block with a registry hands out."""
    return KafkaCluster(
        bootstrap_servers="127.0.0.1:1",
        schema_registry_url=url,
        schema_registry_username=USER,
        schema_registry_password=SecretStr(password),
    ).connection()


def test_without_a_registry_values_are_plain() -> None:
    """Nothing is asked, and nothing stands before the JSON."""
    assert framing(KafkaConnection({}), "bars", BAR_SCHEMA, "test") is None


def test_a_value_gets_the_registrys_frame_and_stays_as_it_is() -> None:
    """A zero and the schema's number, then the same bytes; both forms are the same bar to a reader."""
    value = encode_bar(a_revision())
    with registry() as made:
        frame = framing(way(made.url), "bars", BAR_SCHEMA, "test")
        assert frame is not None
        framed = frame(value)
        assert json.loads(made.subjects["bars-value"])["title"] == "BarRecord"
        assert count_subjects(way(made.url), "test") == 1
    assert framed == b"\x00" + NUMBER.to_bytes(4, "big") + value
    assert (len(framed) - len(value), decode_bar(framed)) == (FRAME, a_revision())


def test_a_refused_login_names_the_fields_and_not_the_password() -> None:
    """Whether a record is framed or the doctor asks."""
    wrong = PASSWORD[::-1]
    with registry() as made:
        frame = framing(way(made.url, wrong), "bars", BAR_SCHEMA, "IBM, produce")
        assert frame is not None
        for work in (lambda: frame(encode_bar(a_revision())), lambda: count_subjects(way(made.url, wrong), "doctor")):
            with pytest.raises(FixConfiguration, match="schema_registry_password in the kafka block") as caught:
                work()
            assert wrong not in str(caught.value)


def test_a_dead_registry_names_its_field() -> None:
    """Nobody listens there; it may come back."""
    with pytest.raises(Unreachable, match="schema_registry_url in the kafka block"):
        count_subjects(way("http://127.0.0.1:1"), "doctor")
