"""Tests that a key which an answer echoes never shows, and that looking for it harms no answer."""

import json
from urllib.parse import quote_plus

import pytest

from flows.core.bars import Origin
from flows.core.connections import AlphaVantageConnection
from flows.core.errors import BrokenAnswer, NextcloseError
from flows.sources.alpha_vantage import AlphaVantage, parse
from tests.sources.servers import GOOD, KEY, REQUEST, listening, vendor


@pytest.mark.parametrize("around", ['{"Information": "you sent %s"}', '{"%s": 1}', "<p>%s</p>"])
@pytest.mark.parametrize("written", ["planted/key+0123456789", "planted%2Fkey%2B0123456789"])
def test_a_key_that_an_answer_echoes_never_shows(around: str, written: str) -> None:
    """Plain or as it stood in the URL, in JSON or in a page, the key is not in the sentence."""
    key = "planted/key+0123456789"
    with vendor((around % written).encode()) as server, pytest.raises(NextcloseError) as caught:
        AlphaVantage(server.connection(key)).fetch(REQUEST, lambda: None)
    assert [form for form in (key, quote_plus(key)) if form in str(caught.value)] == []


@pytest.mark.parametrize("written", [r"planted\/key+0123456789", r"\u0070lanted/key\u002b0123456789"])
def test_a_key_that_is_echoed_in_escapes_never_shows(written: str) -> None:
    """JSON may write any sign as an escape, and PHP does so with every slash."""
    key = "planted/key+0123456789"
    with vendor(f'{{"Information": "you sent {written}"}}'.encode()) as server, pytest.raises(NextcloseError) as caught:
        AlphaVantage(server.connection(key)).fetch(REQUEST, lambda: None)
    assert key not in str(caught.value)


@pytest.mark.parametrize("key", ["1", "20", "IBM", "demo", ""])
def test_a_key_too_short_to_be_a_secret_does_not_blank_the_answer(key: str) -> None:
    """A server of one's own may take any key; its bars stay as they are."""
    with vendor(json.dumps(GOOD).encode()) as server:
        assert (
            parse(json.dumps(GOOD).encode(), REQUEST, Origin.LIVE).rows
            == AlphaVantage(server.connection(key)).fetch(REQUEST, lambda: None).rows
        )


@pytest.mark.parametrize("depth", [100, 300, 1_000, 100_000])
def test_a_nested_answer_is_an_error_with_or_without_a_key_to_look_for(depth: int) -> None:
    """Looking for the key copes with whatever could be read."""
    body = b'{"a":' * depth + b"1" + b"}" * depth
    for secrets in ((), (KEY,)):
        with pytest.raises(BrokenAnswer):
            parse(body, REQUEST, Origin.LIVE, secrets)


def test_odd_headers_do_not_bring_the_key_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The library beneath would warn of them with the whole address, and tell of each request at DEBUG."""
    body = json.dumps(GOOD).encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nno header at all\r\n\r\n" % len(body) + body
    with caplog.at_level("DEBUG"), listening(lambda connection: connection.sendall(answer)) as url:
        assert AlphaVantage(AlphaVantageConnection(KEY, url, 2.0, 2.0)).fetch(REQUEST, lambda: None).rows
    assert KEY not in caplog.text
