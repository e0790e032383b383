"""Tests of servers that break off, drip or never answer."""

import gzip
import socket
import struct
import threading
import time
from collections.abc import Callable

import pytest

from flows.core.errors import Unreachable
from tests.sources.asking import ask, refused
from tests.sources.servers import listening

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


def reset(connection: socket.socket) -> None:
    """Reset the connection instead of closing it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_in_the_body(connection: socket.socket) -> None:
    """Reset the connection when a part of the body is sent."""
    connection.sendall(HEAD + b"{")
    time.sleep(0.05)
    reset(connection)


BAD_SERVERS: dict[str, Callable[[socket.socket], None]] = {
    "closes": lambda _: None,
    "resets": reset,
    "resets in the body": reset_in_the_body,
    "truncates": lambda connection: connection.sendall(HEAD + b"{}"),
    "truncates a chunk": lambda connection: connection.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{}"
    ),
    "speaks another protocol": lambda connection: connection.sendall(b"220 mail.example.test ESMTP\r\n"),
    "lies about gzip": lambda connection: connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"
    ),
}


@pytest.mark.parametrize("act", BAD_SERVERS.values(), ids=BAD_SERVERS.keys())
def test_a_server_that_breaks_off_is_unreachable(act: Callable[[socket.socket], None]) -> None:
    """However the answer is spoilt on its way, another try may bring it."""
    with listening(act) as url:
        assert Unreachable is type(refused(url))


def test_a_server_that_never_answers_is_unreachable() -> None:
    """The patience for an answer has an end, and the sentence says how much there was."""
    done = threading.Event()

    def wait(_: socket.socket) -> None:
        done.wait(5)

    with listening(wait) as url:
        found = refused(url, seconds=0.2)
        done.set()
    assert (Unreachable, True) == (type(found), "within 0.2 s" in str(found))


def drip(connection: socket.socket) -> None:
    """Send a byte of the body now and then, for two seconds."""
    connection.sendall(HEAD)
    for _ in range(40):
        connection.sendall(b" ")
        time.sleep(0.05)


def test_a_server_that_answers_drop_by_drop_is_unreachable() -> None:
    """The time is for the whole answer, not for each byte of it."""
    with listening(drip) as url:
        before = time.monotonic()
        found = refused(url, seconds=0.3)
        took = time.monotonic() - before
    assert (Unreachable, True) == (type(found), "within 0.3 s" in str(found))
    assert took < 1.0


@pytest.mark.parametrize("chunked", [False, True], ids=["at once", "in chunks"])
def test_a_compressed_body_in_small_pieces_is_unpacked_whole(chunked: bool) -> None:
    """A piece that unpacks to nothing yet is not taken for the end."""
    packed = gzip.compress(b"plain " * 1000)
    pieces = [bytes([sign]) for sign in packed]
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(packed)}"

    def send(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n{length}\r\n\r\n".encode())
        for piece in pieces:
            time.sleep(0.001)
            connection.sendall(b"1\r\n" + piece + b"\r\n" if chunked else piece)
        connection.sendall(b"0\r\n\r\n" if chunked else b"")

    with listening(send) as url:
        assert ask(url) == b"plain " * 1000
