"""Every way in which a request can fail: what is served, the error that it stands for, and what the sentence says."""

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import NamedTuple

from flows.core.errors import (
    BrokenAnswer,
    FixConfiguration,
    KeyRefused,
    NextcloseError,
    NotConnected,
    Throttled,
    Unreachable,
)
from tests.sources.servers import GOOD, KEY, Answer, listening, vendor
from tests.sources.words import INFORMATION, MESSAGES, NOTE, PAYLOADS

Serve = Callable[[], AbstractContextManager[str]]
WHOLE = json.dumps({"Information": f"you sent {KEY}", **GOOD}).encode()


class Failure(NamedTuple):
    """One way to fail."""

    name: str
    serve: Serve
    error: type[NextcloseError]
    found: str
    advice: str
    waited: float = 10.0
    """Seconds that the whole answer is waited for."""


def body(given: Callable[[], bytes], status: int = 200, **headers: str) -> Serve:
    """Serve these bytes; they are made when they are needed, because some are many."""

    @contextmanager
    def serve() -> Iterator[str]:
        with vendor(Answer(given(), status, headers)) as server:
            yield server.url

    return serve


def said(payload: object) -> Serve:
    """Serve a JSON answer, with HTTP 200 as the vendor always does."""
    return sent(json.dumps(payload).encode())


def sent(given: bytes) -> Serve:
    """Serve these bytes with HTTP 200."""
    return body(partial(bytes, given))


def doing(act: Callable[[socket.socket], None]) -> Serve:
    """Serve by doing anything with the connection."""
    return lambda: listening(act)


@contextmanager
def nobody() -> Iterator[str]:
    """Name a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/query"
    yield url


def sending(head: bytes, part: bytes, seconds: float) -> Callable[[socket.socket], None]:
    """Send a head, and then a part again and again for so long."""

    def act(connection: socket.socket) -> None:
        connection.sendall(head)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connection.sendall(part)
            time.sleep(0.05)

    return act


def cut(connection: socket.socket) -> None:
    """Promise more than is sent."""
    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(WHOLE) + 1}\r\n\r\n".encode() + WHOLE)


def reset(connection: socket.socket) -> None:
    """Reset the connection instead of closing it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(connection: socket.socket) -> None:
    """Wait until the other side goes."""
    connection.settimeout(3)
    connection.recv(1)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
STATUSES: list[tuple[int, type[NextcloseError], str]] = [
    *((status, Unreachable, "tried again") for status in (408, 500, 502, 503, 504)),
    (429, Throttled, "tried again"),
    *((status, KeyRefused, "ALPHAVANTAGE_API_KEY") for status in (401, 403)),
    *((status, FixConfiguration, "Check base_url") for status in (400, 404)),
]
BYTES: list[tuple[str, bytes, str]] = [
    ("no JSON", f"Sorry, {KEY}!".encode(), "not JSON"),
    ("a page", f"<html><body>{KEY}</body></html>".encode(), "<html>"),
    ("cut JSON", WHOLE[:-1], "not JSON"),
    ("CSV", b"timestamp,open,high,low,close,volume\r\n", "timestamp"),
    ("empty", b"", "not JSON"),
    ("UTF-16", WHOLE.decode().encode("utf-16"), "not JSON"),
    ("the key in UTF-16", f"key={KEY}".encode("utf-16-le"), "not JSON"),
    ("latin-1", '{"Information": "Soci\u00e9t\u00e9"}'.encode("latin-1"), "not JSON"),
]
LARGE: list[tuple[str, Callable[[], bytes]]] = [
    ("50 MB of nothing", lambda: bytes(50_000_000)),
    ("50 MB of JSON", lambda: b'"' + b"x" * 50_000_000 + b'"'),
]
CONNECTIONS: list[tuple[str, Serve, str]] = [
    ("cut in mid-body", doing(cut), "no answer from"),
    ("reset", doing(reset), "no answer from"),
    ("closed", doing(lambda _: None), "no answer from"),
    ("silent", doing(silent), "did not arrive within"),
    ("dripped body", doing(sending(HEAD, b" ", 2)), "did not arrive within"),
    ("dripped headers", doing(sending(b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n", 2)), "did not arrive within"),
    ("dripped status", doing(sending(b"HTTP/1.1 200 ", b"O", 2)), "did not arrive within"),
]
FAILURES = [
    *(Failure(w.name, said({"Information": w.text}), w.error, w.found, w.advice) for w in INFORMATION),
    *(Failure(w.name, said({"Error Message": w.text}), w.error, w.found, w.advice) for w in MESSAGES),
    Failure("note", said({"Note": NOTE}), Throttled, "more time between requests", "tried again"),
    *(Failure(name, said(payload), BrokenAnswer, found, "") for name, payload, found in PAYLOADS),
    *(Failure(name, sent(given), BrokenAnswer, found, "Check base_url") for name, given, found in BYTES),
    *(Failure(name, body(given), BrokenAnswer, "larger than 32 MiB", "Check base_url") for name, given in LARGE),
    *(
        Failure(f"HTTP {status}", body(partial(bytes, WHOLE), status), error, f"HTTP {status}", advice)
        for status, error, advice in STATUSES
    ),
    Failure(
        "redirect",
        body(bytes, 302, Location=f"http://127.0.0.1:9/?apikey={KEY}"),
        FixConfiguration,
        "HTTP 302",
        "Check base_url",
    ),
    *(Failure(name, serve, Unreachable, found, "tried again", waited=0.3) for name, serve, found in CONNECTIONS),
    Failure("refused", nobody, NotConnected, "no answer from", "tried again"),
]
