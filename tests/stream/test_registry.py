"""Tests of writing with a Schema Registry: a small one on loopback, asked by confluent-kafka's own client."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
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
    asked: int = 0
    answer: tuple[int, bytes] | None = None
    """What it says whatever it is asked, if it is no good one."""


class _Handler(BaseHTTPRequestHandler):
    registry: Registry

    def _answer(self, code: int, body: object) -> None:
        code, content = self.registry.answer or (code, json.dumps(body).encode())
        self.send_response(code)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        """Register a schema under a subject."""
        self.registry.asked += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != LOGIN:
            return self._answer(401, {"error_code": 40101, "message": "Unauthorized"})
        self.registry.subjects[self.path.split("/")[2]] = body["schema"]
        return self._answer(200, {"id": NUMBER, "version": 1, **body})

    def do_GET(self) -> None:
        """List the subjects; of anything else it knows nothing, as registries before the newest."""
        self.registry.asked += 1
        known = self.headers["Authorization"] == LOGIN
        if known and not self.path.startswith("/subjects"):
            return self._answer(404, {"error_code": 404, "message": "HTTP 404 Not Found"})
        body: object = list(self.registry.subjects) if known else {"error_code": 40101, "message": "Unauthorized"}
        return self._answer(200 if known else 401, body)

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


def test_a_thousand_values_ask_no_more_than_one() -> None:
    """The registry is asked for each topic's first value, and not for those behind it."""
    with registry() as made:
        frames = [framing(way(made.url), topic, BAR_SCHEMA, "test") for topic in ("bars", "sample.bars", "bars")]
        counts = []
        for frame in frames:
            assert frame is not None
            assert len({frame(encode_bar(a_revision()))[:FRAME] for _ in range(1_000)}) == 1
            counts.append(made.asked)
        assert set(made.subjects) == {"bars-value", "sample.bars-value"}
    assert counts == [2, 4, 4]


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


def framed(connection: KafkaConnection) -> object:
    """Put a bar into a registry's frame."""
    frame = framing(connection, "bars", BAR_SCHEMA, "IBM, produce")
    assert frame is not None
    return frame(encode_bar(a_revision()))


def counted(connection: KafkaConnection) -> object:
    """Ask as the doctor does."""
    return count_subjects(connection, "doctor")


ASKED = pytest.mark.parametrize("ask", [framed, counted])


@ASKED
def test_a_dead_registry_names_its_field(ask: Callable[[KafkaConnection], object]) -> None:
    """Nobody listens there; it may come back."""
    with pytest.raises(Unreachable, match="schema_registry_url in the kafka block") as caught:
        ask(way("http://127.0.0.1:1"))
    assert PASSWORD not in str(caught.value)


@ASKED
@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_registry_in_trouble_is_tried_again(code: int, ask: Callable[[KafkaConnection], object]) -> None:
    """Its own fault is no setting to change; a page of HTML does not become a sentence."""
    with registry() as made:
        made.answer = (code, b"<html>" + b"x" * 10_000)
        with pytest.raises(Unreachable, match=r"is in trouble: .*schema_registry_url") as caught:
            ask(way(made.url, f"{PASSWORD}-{code}"))
    assert len(str(caught.value)) < 600


@ASKED
@pytest.mark.parametrize("body", [b"<html>Please log in</html>", b"5", b"{}", b"", b"null", b'"text"'])
def test_what_is_no_registry_is_told(body: bytes, ask: Callable[[KafkaConnection], object]) -> None:
    """Whatever answers with the status 200 but not as a registry does is an address to look at."""
    with registry() as made:
        made.answer = (200, body)
        with pytest.raises(FixConfiguration, match=r"answers otherwise.*schema_registry_url in the kafka block"):
            ask(way(made.url))


def test_a_login_that_is_echoed_is_taken_out() -> None:
    """A server that shows the header that it was sent shows the password in base64."""
    with registry() as made:
        made.answer = (400, json.dumps({"error_code": 400, "message": f"bad header {LOGIN}"}).encode())
        with pytest.raises(FixConfiguration, match=r"bad header Basic \*\*\*") as caught:
            counted(way(made.url))
    assert LOGIN.removeprefix("Basic ") not in str(caught.value)
