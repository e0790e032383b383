"""Asking as the sources do, and looking at the error."""

import traceback

import pytest

from flows.core.errors import NextcloseError
from flows.sources import http
from tests.sources.servers import KEY

WHO = "IBM, fetch"


def ask(url: str, *, seconds: float = 2.0) -> bytes:
    """Ask as the sources do."""
    params = {"symbol": "IBM", "apikey": KEY}
    return http.get(url, params, timeouts=(seconds, seconds), who=WHO, secrets=(KEY,))


def refused(url: str, *, seconds: float = 2.0) -> NextcloseError:
    """Return the error of a request that fails, after a look for the key in all that is attached to it."""
    with pytest.raises(NextcloseError) as caught:
        ask(url, seconds=seconds)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert str(caught.value).startswith(f"{WHO}: ")
    return caught.value
