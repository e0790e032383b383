"""One HTTP GET with limits on everything, and every way it can fail told apart."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from flows.core.errors import (
    BrokenAnswer,
    FixConfiguration,
    KeyRefused,
    NextcloseError,
    NotConnected,
    Throttled,
    Unreachable,
)
from flows.core.redaction import redact

if TYPE_CHECKING:
    import requests

LARGEST_BODY = 32 * 1024 * 1024
CHUNK = 64 * 1024

# Each of them writes the whole address, key included, into its log: some at DEBUG, and of odd headers as a warning.
for _name in ("connection", "connectionpool", "poolmanager", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(lambda _record: False)


@dataclass(frozen=True, slots=True)
class Words:
    """How to speak of a server in errors."""

    setting: str
    """The setting that holds its address."""
    if_refused: str
    """What to do when it refuses access."""
    if_missing: type[NextcloseError] = FixConfiguration
    """What HTTP 404 means."""


VENDOR = Words("base_url", "Set ALPHAVANTAGE_API_KEY and run `nextclose configure`")


def get(
    url: str,
    params: Mapping[str, str],
    *,
    timeouts: tuple[float, float],
    who: str,
    secrets: Sequence[str] = (),
    words: Words = VENDOR,
) -> bytes:
    """Return the body of a successful answer.

    Args:
        url: Where to ask; redirects are not followed, so that a key goes to no other host.
        params: The query.
        timeouts: Seconds to connect, and for the whole answer to arrive after that.
        who: The symbol and step that head an error's message.
        secrets: Values to take out of an error's message.
        words: How to speak of the server in an error.

    Raises:
        NotConnected: The request never left.
        Unreachable: A time-out, a lost connection, or a server's own fault.
        Throttled: HTTP 429.
        KeyRefused: HTTP 401 or 403.
        NextcloseError: HTTP 404, as `words` has it.
        FixConfiguration: Any other HTTP status, or an address that is none.
        BrokenAnswer: A body larger than LARGEST_BODY.
    """
    return _within(sum(timeouts) + 1, partial(_get, url, params, timeouts, who, secrets, words), who)


def bare(url: str) -> str:
    """Return an address without its query, which may hold a key."""
    return url.partition("?")[0]


def _within(seconds: float, ask: Callable[[], bytes], who: str) -> bytes:
    """Wait no longer than this: time-outs of sockets limit each silence, and a server that drips its headers has none."""
    answer: Future[bytes] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:  # noqa: BLE001 - handed to the one who waits
            answer.set_exception(error)

    Thread(target=run, name="nextclose-get", daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        failure = _too_slow(who, seconds)
    raise failure


def _get(
    url: str,
    params: Mapping[str, str],
    timeouts: tuple[float, float],
    who: str,
    secrets: Sequence[str],
    words: Words,
) -> bytes:
    # Only who asks needs it: the flows are loaded faster without.
    import requests
    from urllib3.exceptions import HTTPError, LocationParseError, ReadTimeoutError

    shown = redact(bare(url), secrets)
    try:
        with requests.get(url, params=params, timeout=timeouts, stream=True, allow_redirects=False) as response:
            fault = _status_fault(response.status_code, who, shown, words)
            if fault is not None:
                raise fault
            return _body(response, timeouts[1], who, words.setting)
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidSchema,
        LocationParseError,
    ):
        failure: NextcloseError = FixConfiguration(
            f"{who}: {words.setting} {shown} is no address. Set it in the block or by `nextclose configure`"
        )
    except requests.exceptions.ConnectTimeout:
        failure = NotConnected(f"{who}: no connection to {shown} within {timeouts[0]:g} s. It can be tried again")
    except (requests.exceptions.Timeout, ReadTimeoutError):
        failure = _too_slow(who, timeouts[1])
    except (requests.exceptions.RequestException, HTTPError, OSError) as error:
        reason = type(error).__name__
        failure = (NotConnected if _never_sent(error) else Unreachable)(
            f"{who}: no answer from {shown} ({reason}). Check the network and {words.setting}; it can be tried again"
        )
    # Raised out here so that the library's error, whose text holds the key, is not chained to ours.
    raise failure


def _never_sent(error: Exception) -> bool:
    """Say whether the connection itself failed: refused, no such host, no network."""
    from urllib3.exceptions import NewConnectionError

    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError)


def _body(response: "requests.Response", seconds: float, who: str, setting: str) -> bytes:
    deadline = time.monotonic() + seconds
    parts: list[bytes] = []
    size = 0
    # As it comes in, not in full chunks: a server that drips must not outlast the deadline.
    while part := response.raw.read1(CHUNK, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            raise BrokenAnswer(
                f"{who}: the answer is larger than {LARGEST_BODY // 1024**2} MiB, which no series of bars is. "
                f"Check {setting} in the block"
            )
        if time.monotonic() > deadline:
            raise _too_slow(who, seconds)
    return b"".join(parts)


def _too_slow(who: str, seconds: float) -> Unreachable:
    return Unreachable(f"{who}: the answer did not arrive within {seconds:g} s. It can be tried again")


def _status_fault(status: int, who: str, shown: str, words: Words) -> NextcloseError | None:
    if status == 200:
        return None
    if status >= 500 or status == 408:
        return Unreachable(f"{who}: the server reports a fault of its own (HTTP {status}). It can be tried again")
    if status == 429:
        return Throttled(f"{who}: the server asks for more time between requests (HTTP 429). It can be tried again")
    if status in (401, 403):
        return KeyRefused(f"{who}: the server refuses the key (HTTP {status}). {words.if_refused}")
    fault = words.if_missing if status == 404 else FixConfiguration
    return fault(f"{who}: the server answers HTTP {status} at {shown}. Check {words.setting} in the block")
