"""A vendor and a mail server that say aloud what they should keep to themselves."""

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO, Literal
from urllib.parse import parse_qsl, urlsplit

from flows.core.calendars import calendar_of
from tests.answers import daily, quota

Mood = Literal["well", "refuses the login", "breaks off inside DATA"]


def bars(symbol: str) -> dict[str, object]:
    """Return good bars up to the last completed session."""
    return dict(daily(symbol, calendar_of("IBM").slot(datetime.now(UTC)).as_of.label))


def answer(status: int, body: object, *headers: str) -> bytes:
    """Return a whole HTTP answer."""
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    lines = (f"HTTP/1.1 {status} so", f"Content-Length: {len(content)}", "Connection: close", *headers, "", "")
    return "\r\n".join(lines).encode() + content


def telltale(symbol: str, key: str) -> dict[str, object]:
    """Return good bars that are said to be of another symbol, which is called like the key."""
    good = bars(symbol)
    return {**good, "Meta Data": {"2. Symbol": key, "5. Time Zone": "US/Eastern"}, key: key}


MOODS: Mapping[str, Callable[[str, str, str], bytes]] = {
    "QUOTA": lambda _symbol, key, _address: answer(200, quota(key)),
    "PAGE": lambda _symbol, _key, address: answer(200, f"<p>{address}</p>"),
    "FAULT": lambda _symbol, _key, address: answer(500, f"cannot do {address}"),
    "DENIED": lambda _symbol, _key, address: answer(403, f"cannot do {address}", f"X-Asked: {address}"),
    "MOVED": lambda _symbol, _key, address: answer(302, "", f"Location: http://127.0.0.1:1{address}"),
    "ODD": lambda symbol, key, address: answer(200, bars(symbol), f"no header {key} {address}"),
    "NAMED": lambda symbol, key, _address: answer(200, telltale(symbol, key)),
}
"""What the vendor answers about these symbols, given the key and the address that it was asked with."""


class Vendor(ThreadingHTTPServer):
    """Answers about some symbols in odd ways, and about SLOW when it is let."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free loopback port."""
        super().__init__(("127.0.0.1", 0), _Asked)
        self.keys: set[str] = set()
        self.asked, self.let = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        """The base_url to configure."""
        return f"http://127.0.0.1:{self.server_port}/query"


class _Asked(BaseHTTPRequestHandler):
    server: Vendor

    def do_GET(self) -> None:
        """Answer one query."""
        query = dict(parse_qsl(urlsplit(self.path).query))
        symbol, key = query["symbol"], query["apikey"]
        self.server.keys.add(key)
        if symbol == "SLOW":
            self.server.asked.set()
            self.server.let.wait(60)
        mood = MOODS.get(symbol)
        with suppress(ConnectionError):
            self.wfile.write(mood(symbol, key, self.path) if mood else answer(200, bars(symbol)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep the tests' output clean."""


@contextmanager
def vendor() -> Iterator[Vendor]:
    """Run a vendor."""
    server = Vendor()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.let.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class Office:
    """A mail server that wants a login, and repeats it in its answers."""

    def __init__(self, listener: socket.socket) -> None:
        """Begin well."""
        self.listener = listener
        self.mood: Mood = "well"
        self.logins: list[str] = []
        self.mails: list[bytes] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.listener.getsockname()[1]
        return port

    def serve(self) -> None:
        """Take every connection, until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()

    def _serve_one(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as heard, suppress(OSError):
            connection.sendall(b"220 office\r\n")
            self._talk(connection, heard)

    def _talk(self, connection: socket.socket, heard: BinaryIO) -> None:
        for line in heard:
            said = line.decode().strip()
            if said.upper() == "DATA":
                connection.sendall(b"354 go on\r\n")
                if self.mood == "breaks off inside DATA":
                    return
                self.mails.append(b"".join(iter(heard.readline, b".\r\n")))
            connection.sendall(self._answer(said).encode() + b"\r\n")

    def _answer(self, said: str) -> str:
        word, *rest = said.split(" ")
        if word.upper() == "EHLO":
            return "250-office\r\n250 AUTH PLAIN"
        if word.upper() != "AUTH":
            return "250 ok"
        self.logins.append(base64.b64decode(rest[-1]).decode())
        return f"535 no {said}" if self.mood == "refuses the login" else f"235 {said}"


@contextmanager
def office() -> Iterator[Office]:
    """Run a mail server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Office(listener)
        threading.Thread(target=made.serve, daemon=True).start()
        yield made
