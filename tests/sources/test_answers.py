"""Tests of what the vendor's answers mean, each over a real connection."""

import json
from collections.abc import Callable
from typing import NamedTuple

import pytest

from flows.core.errors import (
    BrokenAnswer,
    FixConfiguration,
    KeyRefused,
    NextcloseError,
    OnlyCompact,
    PremiumOnly,
    QuotaSpent,
    RejectSymbol,
    Throttled,
)
from flows.sources.alpha_vantage import AlphaVantage
from flows.sources.answers import error_in
from tests.sources.servers import KEY, REQUEST, vendor

THANKS = "Thank you for using Alpha Vantage!"


class Meant(NamedTuple):
    """An answer of the vendor, the error that it stands for, and a word of what to do."""

    name: str
    body: object
    error: type[NextcloseError]
    kind: str
    advice: str


ANSWERS = [
    Meant(
        "burst",
        {
            "Information": f"{THANKS} Please consider spreading out your free API requests more sparingly (1 request "
            "per second). You may subscribe to any of the premium plans at https://www.alphavantage.co/premium/ to "
            "lift the free key rate limit (25 requests per day), raise the per-second burst limit, and instantly "
            "unlock all premium endpoints"
        },
        Throttled,
        "retry",
        "tried again",
    ),
    Meant(
        "quota",
        {
            "Information": f"We have detected your API key as {KEY} and our standard API rate limit is 25 requests per "
            "day. Please subscribe to any of the premium plans at https://www.alphavantage.co/premium/ to instantly "
            "remove all daily rate limits."
        },
        QuotaSpent,
        "quota",
        "tomorrow",
    ),
    Meant(
        "volume",
        {
            "Information": f"{THANKS} Please contact premium@alphavantage.co if you are targeting a higher API call "
            "volume."
        },
        Throttled,
        "retry",
        "tried again",
    ),
    Meant(
        "pattern",
        {
            "Information": "Burst pattern detected. Please consider spreading out your API requests more evenly across "
            "a 1-minute window and contact premium@alphavantage.co if you are targeting a higher API call volume."
        },
        Throttled,
        "retry",
        "tried again",
    ),
    Meant(
        "full",
        {
            "Information": f"{THANKS} The outputsize=full parameter value is a premium feature for the "
            "TIME_SERIES_DAILY endpoint. You may subscribe to any of the premium plans at "
            "https://www.alphavantage.co/premium/ to instantly unlock all premium features"
        },
        OnlyCompact,
        "configuration",
        "compact",
    ),
    Meant(
        "premium",
        {
            "Information": f"{THANKS} This is a premium endpoint. You may subscribe to any of the premium plans at "
            "https://www.alphavantage.co/premium/ to instantly unlock all premium endpoints"
        },
        PremiumOnly,
        "configuration",
        "plan",
    ),
    Meant(
        "demo",
        {
            "Information": "The **demo** API key is for demo purposes only. Please claim your free API key at "
            "(https://www.alphavantage.co/support/#api-key) to explore our full API offerings."
        },
        KeyRefused,
        "configuration",
        "ALPHAVANTAGE_API_KEY",
    ),
    *(
        Meant(
            f"key {field}",
            {field: "the parameter apikey is invalid or missing. Please claim your free API key."},
            KeyRefused,
            "configuration",
            "ALPHAVANTAGE_API_KEY",
        )
        for field in ("Error Message", "Information")
    ),
    Meant(
        "symbol",
        {
            "Error Message": "Invalid API call. Please retry or visit the documentation "
            "(https://www.alphavantage.co/documentation/) for TIME_SERIES_DAILY."
        },
        RejectSymbol,
        "symbol",
        "spelling",
    ),
    Meant(
        "function",
        {"Error Message": "This API function (TIME_SERIES_DAILY) does not exist."},
        FixConfiguration,
        "configuration",
        "base_url",
    ),
    Meant(
        "note",
        {
            "Note": f"{THANKS} Our standard API call frequency is 5 calls per minute and 500 calls per day. Please visit "
            "https://www.alphavantage.co/premium/ if you would like to target a higher API call frequency."
        },
        Throttled,
        "retry",
        "tried again",
    ),
    Meant("unheard of", {"Information": "The moon is full."}, BrokenAnswer, "data", "The moon is full."),
    Meant("nothing", {}, BrokenAnswer, "data", "symbol"),
    Meant("no quote", {"Global Quote": {}}, BrokenAnswer, "data", "Global Quote"),
    Meant("no series", {"Meta Data": {"2. Symbol": "IBM"}}, BrokenAnswer, "data", "Meta Data"),
    Meant("empty series", {"Meta Data": {}, "Time Series (Daily)": {}}, BrokenAnswer, "data", "no bars"),
    Meant("series of another kind", {"Weekly Time Series": {"2026-11-20": {}}}, BrokenAnswer, "data", "Weekly"),
    Meant("series that is none", {"Time Series (Daily)": ["2026-11-20"]}, BrokenAnswer, "data", "no bars"),
    Meant("a list", [1, 2], BrokenAnswer, "data", "no object"),
    Meant("a text", "IBM", BrokenAnswer, "data", "no object"),
    Meant("null", None, BrokenAnswer, "data", "no object"),
]
EVERY = pytest.mark.parametrize("meant", ANSWERS, ids=[meant.name for meant in ANSWERS])


@EVERY
def test_an_answer_is_told_by_its_words(meant: Meant) -> None:
    """Each answer is one error of one kind, costs one request, and is told in a sentence without the key."""
    spent: list[str] = []
    with vendor(json.dumps(meant.body).encode()) as server, pytest.raises(NextcloseError) as caught:
        AlphaVantage(server.connection()).fetch(REQUEST, lambda: spent.append("request"))
    text = str(caught.value)
    assert (meant.error, meant.kind) == (type(caught.value), caught.value.kind)
    assert (len(server.queries), spent) == (1, ["request"])
    assert text.startswith("IBM, fetch: ")
    assert meant.advice in text
    assert KEY not in text


@pytest.mark.parametrize("case", [str.upper, str.lower])
@EVERY
def test_the_case_of_the_words_does_not_matter(meant: Meant, case: Callable[[str], str]) -> None:
    """The vendor writes "call volume" and "Call Volume" alike."""
    body = meant.body if isinstance(meant.body, dict) else {}
    for place in body.keys() & {"Error Message", "Information", "Note"}:
        assert meant.error is type(error_in({place: case(body[place])}, "IBM"))


@pytest.mark.parametrize(
    "payload", [{}, {"Time Series (Daily)": {}}, {"Meta Data": {"1. Information": "Daily Prices"}}]
)
def test_an_answer_without_such_words_is_no_error(payload: dict[str, object]) -> None:
    """The metadata's own "Information" is not the vendor's complaint."""
    assert error_in(payload, "IBM") is None


@pytest.mark.parametrize("words", ["x" * 10_000, ["no", "text"], None, 5])
def test_unheard_of_words_are_told_in_part(words: object) -> None:
    """Whatever stands there, the sentence stays one that a person can read."""
    found = error_in({"Information": words}, "IBM")
    assert BrokenAnswer is type(found)
    assert len(str(found)) < 450
