"""Tests that whatever a server answers ends in bars or in an error of ours."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.bars import Origin
from flows.core.cleaning import RawSeries, clean
from flows.core.errors import NextcloseError
from flows.sources.alpha_vantage import parse
from flows.sources.bodies import BYTE_ORDER_MARK
from flows.sources.http import get
from tests.sources.servers import KEY, REQUEST, vendor

leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text())
anything = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
names = st.sampled_from(["1. open", "2. high", "3. low", "4. close", "5. volume", "open", "close"])
days = st.one_of(st.dates().map(str), st.text())
series = st.dictionaries(days, st.dictionaries(names, leaves) | anything)
keys = st.sampled_from(["Meta Data", "Time Series (Daily)", "Information", "Note", "Error Message", "Global Quote"])
likely = st.fixed_dictionaries({"Time Series (Daily)": series}, optional={"Meta Data": anything})
answers = st.one_of(anything, st.dictionaries(keys, anything), likely)


def outcome(body: bytes) -> RawSeries | NextcloseError:
    """Return what an answer comes to."""
    try:
        return parse(body, REQUEST, Origin.LIVE, (KEY,))
    except NextcloseError as error:
        return error


@given(answers)
def test_any_json_ends_in_bars_or_in_an_error_of_ours(payload: object) -> None:
    """The error names the symbol; the bars can be cleaned."""
    found = outcome(json.dumps(payload).encode())
    if isinstance(found, RawSeries):
        assert len(found.rows) >= len(clean(found, REQUEST.received_at).series)
    else:
        assert str(found).startswith("IBM, fetch: ")


@given(st.binary())
def test_any_bytes_end_in_an_error_of_ours(body: bytes) -> None:
    """Noise is no series of bars."""
    assert isinstance(outcome(body), NextcloseError)
    assert isinstance(outcome(BYTE_ORDER_MARK + body), NextcloseError)


@given(likely, st.data())
def test_a_cut_answer_is_an_error(payload: object, data: st.DataObject) -> None:
    """A part of an answer is never taken for the whole."""
    whole = json.dumps(payload).encode()
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert isinstance(outcome(part), NextcloseError)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 1_000_000])
def test_a_body_of_any_size_arrives_whole(size: int) -> None:
    """The pieces that a body is read in leave no seam."""
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    with vendor(body) as server:
        assert body == get(server.url, {}, timeouts=(2.0, 2.0), who="IBM, fetch")
