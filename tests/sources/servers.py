"""Real servers on loopback: one that answers in HTTP as it is told, one that does anything with a connection."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from flows.core.bars import Interval
from flows.core.connections import AlphaVantageConnection
from flows.sources import BarRequest

KEY = "planted-key-0123456789"
REQUEST = BarRequest("IBM", Interval.DAILY, datetime(2026, 11, 20, 22, tzinfo=UTC))
DAY = {"1. open": "1.0", "2. high": "4.0", "3. low": "0.5", "4. close": "2.0", "5. volume": "9"}

META = {"1. Information": "Daily Prices", "2. Symbol": "IBM", "5. Time Zone": "US/Eastern"}
GOOD = {"Meta Data": META, "Time Series (Daily)": {"2026-11-20": DAY, "2026-11-19": DAY}}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Vendor(ThreadingHTTPServer):
    """Gives its answers one after the other, the last one again and again, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        """Listen on a free loopback port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.queries: list[dict[str, str]] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        """The base_url to ask."""
        return f"http://127.0.0.1:{self.server_port}/query"

    def connection(self, api_key: str = KEY, outputsize: str = "compact") -> AlphaVantageConnection:
        """Return the configuration that leads here."""
        return AlphaVantageConnection(api_key, self.url, 2.0, 2.0, outputsize)


class _Handler(BaseHTTPRequestHandler):
    server: Vendor

    def do_GET(self) -> None:
        """Give the next answer."""
        place = min(len(self.server.queries), len(self.server.answers) - 1)
        self.server.paths.append(self.path)
        self.server.queries.append(dict(parse_qsl(urlsplit(self.path).query)))
        answer = self.server.answers[place]
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep the tests' output clean."""


@contextmanager
def vendor(*answers: Answer | bytes) -> Iterator[Vendor]:
    """Run a vendor that gives these answers in turn."""
    server = Vendor(tuple(given if isinstance(given, Answer) else Answer(given) for given in answers))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def listening(act: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that does `act` with its one connection once a request has come; yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve_once, args=(server, act), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/query"
        thread.join(5)


def _serve_once(server: socket.socket, act: Callable[[socket.socket], None]) -> None:
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.recv(65_536)
        act(connection)
