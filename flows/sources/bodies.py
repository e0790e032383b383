"""The JSON object in an answer's body, with every secret taken out before anything reads it."""

import re
from collections.abc import Sequence

import orjson

from flows.core.errors import BrokenAnswer
from flows.core.redaction import MASK, forms, redact

LONGEST_START = 2_000
"""Bytes of an answer that is no JSON that are looked at for its beginning."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def object_in(body: bytes, symbol: str, secrets: Sequence[str]) -> dict[str, object]:
    """Return the JSON object in a body, without the secrets.

    Raises:
        BrokenAnswer: There is none.
    """
    try:
        payload = orjson.loads(body.removeprefix(BYTE_ORDER_MARK))
        if secrets:
            # Written anew, the text holds no escape that a secret could hide in.
            payload = orjson.loads(_without(orjson.dumps(payload).decode(), secrets))
    except TypeError:
        raise BrokenAnswer(f"{symbol}, fetch: the answer is nested too deeply for bars. Check base_url") from None
    except orjson.JSONDecodeError:
        # Without its unprintable signs, between which a secret could hide: UTF-16 has one after each letter.
        plain = "".join(sign for sign in body[:LONGEST_START].decode("utf-8", "replace") if sign.isprintable())
        start = redact(plain, secrets)[:60]
        raise BrokenAnswer(
            f"{symbol}, fetch: the answer is not JSON, it begins with {start!r}. Check base_url and any proxy between"
        ) from None
    if not isinstance(payload, dict):
        raise BrokenAnswer(f"{symbol}, fetch: the answer is JSON, but no object. Check base_url in the block")
    return payload


def _without(text: str, secrets: Sequence[str]) -> str:
    for form in forms(secrets):
        text = re.sub(re.escape(orjson.dumps(form).decode()[1:-1]), MASK, text, flags=re.IGNORECASE)
    return text
