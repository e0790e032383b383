"""Take secrets out of text before anybody reads it."""

import base64
import html
import json
import re
import traceback
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST_SECRET = 4
"""Shorter values would blank ordinary words; nothing this short protects anything."""

_NAMED = re.compile(
    r"""(?ix) (?<![a-z0-9]) (api[_-]?key | password | passwd | secret | token)  # a telling name, or the end of one
        (["']? \s* [=:] \s* ["']?) ([^\s&"',;)}]+)"""
)
_ECHOED = re.compile(r"(?i)(api key as\s+)(\S+)")
_USERINFO = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)([^\s@]+)(@)")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` with every secret replaced by ``***``.

    Args:
        text: Any text from outside, such as a vendor's message or an exception.
        secrets: The values known to be secret; their base64 and URL-encoded forms are replaced too.

    Returns:
        The text without the given secrets, without values behind names such as ``apikey=``, without the key that
        Alpha Vantage echoes, and without passwords in URLs.
    """
    for form in forms(secrets):
        text = re.sub(re.escape(form), MASK, text, flags=re.IGNORECASE)
    text = _NAMED.sub(rf"\1\2{MASK}", text)
    text = _ECHOED.sub(rf"\1{MASK}", text)
    return _USERINFO.sub(rf"\1{MASK}\3", text)


def forms(secrets: Iterable[str]) -> list[str]:
    """Return every form that these secrets are looked for in, longest first."""
    found: set[str] = set()
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            found |= {secret, quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode()}
            found |= {html.escape(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1]}
    return sorted(found, key=len, reverse=True)


@contextmanager
def sealed(secrets: Collection[str]) -> Iterator[None]:
    """Let no error out that holds one of these secrets, for whoever catches it logs it, keeps it and shows it.

    Raises:
        RuntimeError: In the place of such an error: without the secrets, and without the errors behind it.
    """
    try:
        yield
    except Exception as error:
        if not _holds(error, secrets):
            raise
        cleaned = RuntimeError(redact(f"{type(error).__name__}: {error}", secrets)).with_traceback(error.__traceback__)
    else:
        return
    raise cleaned from None


def _holds(error: Exception, secrets: Collection[str]) -> bool:
    """Say whether a secret stands in what can be read of an error, or of those behind it."""
    carried = (repr(error), *error.args, *vars(error).values())
    said = "\n".join((*traceback.format_exception(error), *map(str, carried))).lower()
    return any(form.lower() in said for form in forms(secrets))
