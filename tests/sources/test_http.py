"""Tests of one HTTP GET: every way in which it can fail, and the limits on it."""

import gzip
import socket

import pytest

from flows.core.errors import (
    BrokenAnswer,
    FixConfiguration,
    KeyRefused,
    NextcloseError,
    NotConnected,
    Throttled,
    Unreachable,
)
from flows.sources import http
from tests.sources.asking import ask, refused
from tests.sources.servers import KEY, Answer, vendor


def test_the_body_of_a_good_answer_is_returned() -> None:
    """Bytes come back as they were sent, and the query arrives as it was given."""
    with vendor(b"\x00\xff text") as server:
        assert ask(server.url) == b"\x00\xff text"
        assert server.queries == [{"symbol": "IBM", "apikey": KEY}]


def test_a_compressed_body_is_unpacked() -> None:
    """A server may send less than it says."""
    with vendor(Answer(gzip.compress(b"plain" * 1000), headers={"Content-Encoding": "gzip"})) as server:
        assert ask(server.url) == b"plain" * 1000


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, Unreachable) for status in (408, 500, 502, 503, 504, 599)),
        (429, Throttled),
        *((status, KeyRefused) for status in (401, 403)),
        *((status, FixConfiguration) for status in (201, 204, 400, 404, 405, 410)),
    ],
)
def test_a_status_is_told_by_what_to_do_about_it(status: int, error: type[NextcloseError]) -> None:
    """The status stands in the sentence, and one request was made."""
    with vendor(Answer(b"", status)) as server:
        found = refused(server.url)
        assert (error, 1) == (type(found), len(server.queries))
    assert f"HTTP {status}" in str(found)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """The key goes to no other host than the one configured."""
    with vendor(b"{}") as other, vendor(Answer(b"", status, {"Location": other.url})) as server:
        assert FixConfiguration is type(refused(server.url))
        assert (len(server.queries), len(other.queries)) == (1, 0)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nothing",
        "ftp://127.0.0.1/query",
        "http://",
        "http://127.0.0.1:99999/query",
        "http://[::1/query",
        "http://.example.test/query",
        "http://a..b/query",
        f"http://{'a' * 64}.example.test/query",
    ],
)
def test_an_address_that_is_none_is_a_configuration_to_fix(url: str) -> None:
    """No retry mends a typing error in base_url."""
    assert FixConfiguration is type(refused(url))


def test_a_port_that_nobody_listens_on_is_unreachable() -> None:
    """The sentence says where nobody answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/query"
    found = refused(url)
    assert (NotConnected, True) == (type(found), url in str(found))


def test_a_password_in_the_address_is_masked() -> None:
    """The address stands in the sentence without its password."""
    found = refused("http://reader:planted-password@127.0.0.1:1/query")
    assert (NotConnected, False) == (type(found), "planted-password" in str(found))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_a_body_without_end_is_refused(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read than a series of bars can need, also from a small body that unpacks to a large one."""
    monkeypatch.setattr(http, "LARGEST_BODY", 100_000)
    body = gzip.compress(bytes(2_000_000)) if packed else bytes(2_000_000)
    headers = {"Content-Encoding": "gzip"} if packed else {}
    with vendor(Answer(body, headers=headers)) as server:
        found = refused(server.url)
    assert (BrokenAnswer, True) == (type(found), "larger than" in str(found))


def test_the_limit_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of the largest size is read, one byte more is refused."""
    monkeypatch.setattr(http, "LARGEST_BODY", 100_000)
    with vendor(bytes(100_000), bytes(100_001)) as server:
        assert bytes(100_000) == ask(server.url)
        assert BrokenAnswer is type(refused(server.url))
