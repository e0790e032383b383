"""Real servers on loopback for the tests: a market that answers as it is told, and counts."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller

Answer = Callable[[dict[str, str]], object]


class Market(ThreadingHTTPServer):
    """Answers each query with what `answer` returns for it, and remembers the queries."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        """Listen on a free loopback port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.queries: list[dict[str, str]] = []
        self.times: list[float] = []

    @property
    def url(self) -> str:
        """The base_url to configure."""
        return f"http://127.0.0.1:{self.server_port}/query"


class _Handler(BaseHTTPRequestHandler):
    server: Market

    def do_GET(self) -> None:
        """Answer one query: text and bytes as they are, anything else as JSON."""
        query = dict(parse_qsl(urlsplit(self.path).query))
        self.server.queries.append(query)
        self.server.times.append(time.monotonic())
        given = self.server.answer(query)
        body = given if isinstance(given, bytes) else json.dumps(given).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep the tests' output clean."""


@contextmanager
def market(answer: Answer) -> Iterator[Market]:
    """Run a market while the test lasts."""
    server = Market(answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def mail_server(handler: object, port: int = 0) -> Iterator[int]:
    """Run a mail server with this handler of aiosmtpd's on a loopback port, a free one by itself; hand out the port."""
    if not port:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield port
    finally:
        server.stop()
