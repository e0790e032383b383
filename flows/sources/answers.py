"""What Alpha Vantage's answers mean. All of them come with HTTP 200; only their words tell them apart."""

import re
from typing import NamedTuple

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

GET_A_KEY = (
    "Claim a free key at https://www.alphavantage.co/support/#api-key, "
    "then: export ALPHAVANTAGE_API_KEY=… and run `nextclose configure`"
)


class Meaning(NamedTuple):
    """An answer that is told by a phrase in it: the error it stands for, what it says, and what to do."""

    phrase: re.Pattern[str]
    error: type[NextcloseError]
    found: str
    advice: str


def _meaning(phrase: str, error: type[NextcloseError], found: str, advice: str) -> Meaning:
    return Meaning(re.compile(phrase, re.IGNORECASE), error, found, advice)


MEANINGS = (
    # The daily quota first: its text, like every throttle's, also speaks of premium plans.
    _meaning(
        r"detected your API key|rate limit is \d+ requests per day",
        QuotaSpent,
        "the key's requests of today are used up",
        "Run again tomorrow, or move to a larger plan",
    ),
    _meaning(
        r"spreading out your|burst pattern|higher API call volume|call frequency",
        Throttled,
        "the vendor asks for more time between requests",
        "It can be tried again; if this repeats, run fewer symbols at once",
    ),
    _meaning(
        r"outputsize=full.{0,40}premium",
        OnlyCompact,
        "the key's plan gives only the last 100 bars",
        "Set outputsize to compact in the alpha-vantage block",
    ),
    _meaning(
        r"is a premium feature",
        PremiumOnly,
        "the key's plan does not include one of the parameters that were asked",
        "Set outputsize, adjusted and entitlement in the alpha-vantage block to what the plan has",
    ),
    _meaning(
        r"premium endpoint",
        PremiumOnly,
        "the key's plan does not include this kind of data",
        "Choose another interval, or a plan that has it",
    ),
    _meaning(
        r"demo\W+API key",
        KeyRefused,
        "the public demo key answers for IBM's daily bars only",
        GET_A_KEY,
    ),
    _meaning(r"apikey is invalid or missing", KeyRefused, "the API key is invalid or missing", GET_A_KEY),
    _meaning(
        r"Invalid API call",
        RejectSymbol,
        "the vendor does not know this symbol, or has no such bars of it",
        "Check its spelling with the vendor's symbol search",
    ),
    _meaning(
        r"API function .* does not exist",
        FixConfiguration,
        "the server does not know the function that was asked",
        "Check base_url in the alpha-vantage block",
    ),
)


def error_in(payload: dict[str, object], symbol: str) -> NextcloseError | None:
    """Return the error that an answer stands for, or None if it says nothing of the kind.

    Args:
        payload: The decoded JSON object, its texts already redacted.
        symbol: Named in the error.
    """
    text = next((str(payload[key]) for key in ("Error Message", "Information", "Note") if key in payload), None)
    if text is None:
        return None
    for meaning in MEANINGS:
        if meaning.phrase.search(text):
            return meaning.error(f"{symbol}, fetch: {meaning.found}. {meaning.advice}")
    return BrokenAnswer(f"{symbol}, fetch: the vendor answered {text[:300]!r} instead of bars. Look at its status page")
