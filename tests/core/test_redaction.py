"""Tests that no secret stays in a text."""

import base64
import json
import traceback
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.errors import NextcloseError
from flows.core.redaction import MASK, SHORTEST_SECRET, redact, sealed

KEY = "planted-key-0123456789"
# A secret of asterisks cannot be told from the mask.
secrets = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*"), min_size=SHORTEST_SECRET)


def in_base64(secret: str) -> str:
    """Return a secret as base64 text."""
    return base64.b64encode(secret.encode()).decode()


forms = st.sampled_from([str, quote_plus, in_base64, repr, json.dumps, lambda secret: quote(secret, safe="")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the key planted-key-0123456789 is wrong", "the key *** is wrong"),
        ("planted-key-0123456789planted-key-0123456789", "******"),
        ("Authorization: Basic cGxhbnRlZC1rZXktMDEyMzQ1Njc4OQ==", "Authorization: Basic ***"),
        ("nothing to hide", "nothing to hide"),
        ("", ""),
    ],
)
def test_a_known_secret_is_masked_wherever_it_stands(text: str, expected: str) -> None:
    """Plain or in base64, once or twice, the secret is replaced and the rest stays."""
    assert expected == redact(text, [KEY])


def test_a_secret_that_begins_like_another_leaves_nothing_of_it() -> None:
    """The longer one is masked as a whole."""
    assert redact(f"<{KEY}> <planted>", ["planted", KEY]) == "<***> <***>"


@pytest.mark.parametrize("encoded", ["a%2Fb%3Fc+d%26e", "a%2Fb%3Fc%20d%26e"])
def test_a_secret_is_masked_in_a_url(encoded: str) -> None:
    """A secret with signs that URLs escape is found in both ways of escaping."""
    expected = "https://example.test/?key=***&symbol=IBM"
    assert expected == redact(f"https://example.test/?key={encoded}&symbol=IBM", ["a/b?c d&e"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/query?symbol=IBM&apikey=unknown0&x=1", "/query?symbol=IBM&apikey=***&x=1"),
        ("/query?APIKEY=unknown0", "/query?APIKEY=***"),
        ("api_key: unknown0", "api_key: ***"),
        ('{"apikey": "unknown0"}', '{"apikey": "***"}'),
        ('{"password":"unknown0"}', '{"password":"***"}'),
        ("sasl.password=unknown0;", "sasl.password=***;"),
        ("token=unknown0,secret=unknown1", "token=***,secret=***"),
        ("the monkey=banana", "the monkey=banana"),
    ],
)
def test_a_value_behind_a_telling_name_is_masked(text: str, expected: str) -> None:
    """An unknown secret is told by the name in front of it."""
    assert expected == redact(text)


@pytest.mark.parametrize("text", ["login(password='unknown0')", 'password="unknown0"', "{'api_key': 'unknown0'}"])
def test_a_quoted_value_behind_a_telling_name_is_masked(text: str) -> None:
    """Python's own way of writing arguments and dictionaries hides a secret no better."""
    assert "unknown0" not in redact(text)


@pytest.mark.parametrize("name", ["ALPHAVANTAGE_API_KEY", "KAFKA_SASL_PASSWORD", "SMTP_PASSWORD"])
def test_a_value_behind_a_variable_of_our_own_is_masked(name: str) -> None:
    """The variables that `nextclose configure` reads secrets from count as telling names."""
    assert f"{name}=***" == redact(f"{name}=unknown0")


def test_the_key_that_the_vendor_echoes_is_masked() -> None:
    """The quota message repeats the key behind words of its own."""
    text = "We have detected your API key as UNKNOWN0KEY and our standard API rate limit is 25 requests per day."
    expected = "We have detected your API key as *** and our standard API rate limit is 25 requests per day."
    assert expected == redact(text)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql+psycopg://me:pass-word@host/db", "postgresql+psycopg://me:***@host/db"),
        ("redis://:pass-word@host", "redis://:***@host"),
        ("see https://me:pa:ss@host/path now", "see https://me:***@host/path now"),
        ("https://host:8080/path", "https://host:8080/path"),
        ("https://me@host/path", "https://me@host/path"),
    ],
)
def test_a_password_in_a_url_is_masked(url: str, expected: str) -> None:
    """User and host stay readable, the password does not."""
    assert expected == redact(url)


@pytest.mark.parametrize("secret", ["", "a", "abc"])
def test_a_very_short_secret_is_left_alone(secret: str) -> None:
    """Masking such a value would blank ordinary words."""
    expected = "abc a cab"
    assert expected == redact(expected, [secret])


@given(st.lists(st.one_of(st.text(), st.tuples(secrets, forms)), max_size=6), st.text())
def test_no_secret_survives(parts: list[str | tuple[str, st.SearchStrategy[str]]], tail: str) -> None:
    """Whatever stands around them, neither a secret nor an encoded form of it is left."""
    hidden = [part[0] for part in parts if isinstance(part, tuple)]
    text = "".join(part if isinstance(part, str) else part[1](part[0]) for part in parts) + tail  # type: ignore[operator]
    redacted = redact(text, hidden)
    assert not [secret for secret in hidden if secret in redacted]


@given(secrets)
def test_the_mask_stands_for_the_whole_secret(secret: str) -> None:
    """Nothing of a masked secret is left beside its mask."""
    assert f"<{MASK}>" == redact(f"<{secret}>", [secret])


@given(st.text(), st.lists(secrets, max_size=3))
def test_redacting_twice_equals_redacting_once(text: str, hidden: list[str]) -> None:
    """A redacted text has nothing left to redact."""
    once = redact(text, hidden)
    assert once == redact(once, hidden)


def test_an_error_that_holds_a_secret_is_replaced() -> None:
    """Its text stays, without the secret, and so does the place where it was raised; nothing is chained to it."""
    with pytest.raises(RuntimeError) as caught, sealed([KEY]):
        raise KeyError(f"no {KEY} here") from ValueError(KEY)
    told = "".join(traceback.format_exception(caught.value))
    assert (KEY in told, "KeyError: 'no *** here'" in told, "raise KeyError" in told) == (False, True, True)


def test_a_secret_with_both_quotes_is_masked_in_an_error() -> None:
    """Some errors write what they are given as Python does."""
    secret = "both \" and ' in it"
    with pytest.raises(RuntimeError, match=r"KeyError: 'no \*\*\* here'"), sealed([secret]):
        raise KeyError(f"no {secret} here")


@pytest.mark.parametrize("error", [ValueError("no *** here"), NextcloseError("IBM, fetch: the key is wrong")])
def test_an_error_without_a_secret_stays_as_it_is(error: Exception) -> None:
    """Whoever catches it can tell it by its type."""
    with pytest.raises(type(error)) as caught, sealed([KEY]):
        raise error
    assert caught.value is error


def test_a_secret_that_an_error_carries_unsaid_is_found() -> None:
    """A sign that ASCII lacks: the error's text names the sign only, but the error holds the whole password."""
    with pytest.raises(RuntimeError) as caught, sealed(["pass\xe9word"]):
        "pass\xe9word".encode("ascii")
    assert "word" not in repr(caught.value)


def test_work_that_succeeds_is_left_alone() -> None:
    """Nothing happens."""
    with sealed([KEY]):
        done = True
    assert done
