"""Looking for a secret in bytes, however it may be written there."""

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator
from string import whitespace
from urllib.parse import unquote_to_bytes

Place = tuple[str, bytes]
"""The name of something, and its bytes."""
_BREAKS = re.compile(rb"\\+[nrt]")
_ESCAPED = re.compile(rb"\\+(?:u00([0-9a-fA-F]{2})|x([0-9a-fA-F]{2})|([^a-zA-Z0-9]))")


def hits(secrets: Iterable[str], places: Iterable[Place]) -> list[str]:
    """Return the names of the places in which any of the secrets stands, in whatever form, each with that form."""
    patterns = {_bare(form): (secret, name) for secret in secrets for name, form in forms(secret).items()}
    found = []
    for place, data in places:
        for way, seen in views(data):
            bare = _bare(seen)
            found += [f"{place}: {secret} as {name}{way}" for form, (secret, name) in patterns.items() if form in bare]
    return sorted(set(found))


def forms(secret: str) -> dict[str, bytes]:
    """Return the bytes to look for, by the name of the writing."""
    plain = {"utf-8": secret.encode()}
    for encoding in ("latin-1", "utf-16-le", "utf-16-be", "ascii"):
        plain[encoding] = secret.encode(encoding, "backslashreplace")
    written = dict(plain)
    for name in ("utf-8", "latin-1"):
        written[f"{name}, hex"] = plain[name].hex().encode()
        for shift in range(3):
            aligned = in_base64(plain[name], shift)
            written[f"{name}, base64 at {shift}"] = aligned
            written[f"{name}, base64 of addresses at {shift}"] = aligned.translate(bytes.maketrans(b"+/", b"-_"))
    return written


def in_base64(secret: bytes, shift: int) -> bytes:
    """Return what of a secret's base64 does not depend on its neighbours, where `shift` bytes (modulo 3) precede it."""
    whole = base64.b64encode(bytes(shift) + secret)
    return whole[-(-shift * 8 // 6) : (shift + len(secret)) * 8 // 6]


def _bare(data: bytes) -> bytes:
    """Return data in small letters, and without what breaks lines, escaped or not."""
    bare = data.lower().translate(None, whitespace.encode())
    return _BREAKS.sub(b"", bare) if b"\\" in bare else bare


def views(data: bytes) -> Iterator[Place]:
    """Return data as it is, and as it reads when escapes of one kind are undone."""
    yield "", data
    for name, undo in UNDONE.items():
        other = undo(data)
        if other != data:
            yield f", {name}", other


def _unescaped(data: bytes) -> bytes:
    """Undo the escapes of JSON, of Python and of shells, one inside the other too."""
    return _ESCAPED.sub(
        lambda found: bytes.fromhex((found[1] or found[2]).decode()) if not found[3] else found[3], data
    )


def _unmarked(data: bytes) -> bytes:
    return html.unescape(data.decode("latin-1")).encode("latin-1", "replace")


def _from_url(data: bytes) -> bytes:
    return unquote_to_bytes(data)


def _from_form(data: bytes) -> bytes:
    return unquote_to_bytes(data.replace(b"+", b" "))


def _unescaped_url(data: bytes) -> bytes:
    return _from_url(_unescaped(data))


def _unescaped_page(data: bytes) -> bytes:
    return _unmarked(_unescaped(data))


UNDONE: dict[str, Callable[[bytes], bytes]] = {
    "escaped": _unescaped,
    "in HTML": _unmarked,
    "in a URL": _from_url,
    "in a form": _from_form,
    "in an escaped URL": _unescaped_url,
    "in escaped HTML": _unescaped_page,
}
