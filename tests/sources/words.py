"""The vendor's words for each failure, all sent with HTTP 200: what they stand for, and what the sentence says."""

from typing import NamedTuple

from flows.core.errors import (
    FixConfiguration,
    KeyRefused,
    NextcloseError,
    OnlyCompact,
    PremiumOnly,
    QuotaSpent,
    RejectSymbol,
    Throttled,
)
from tests.sources.servers import DAY, KEY

THANKS = "Thank you for using Alpha Vantage!"
PLANS = "You may subscribe to any of the premium plans at https://www.alphavantage.co/premium/ to"
DAILY = "Time Series (Daily)"


class Words(NamedTuple):
    """One message of the vendor."""

    name: str
    text: str
    error: type[NextcloseError]
    found: str
    advice: str


INFORMATION = [
    Words(
        "burst",
        (
            f"{THANKS} Please consider spreading out your free API requests more sparingly (1 request per second). {PLANS} "
            "lift the free key rate limit (25 requests per day), raise the per-second burst limit, and instantly unlock all "
            "premium endpoints"
        ),
        Throttled,
        "more time between requests",
        "tried again",
    ),
    Words(
        "quota",
        (
            f"We have detected your API key as {KEY} and our standard API rate limit is 25 requests per day. Please subscribe "
            "to any of the premium plans at https://www.alphavantage.co/premium/ to instantly remove all daily rate limits."
        ),
        QuotaSpent,
        "requests of today are used up",
        "Run again tomorrow",
    ),
    Words(
        "volume",
        f"{THANKS} Please contact premium@alphavantage.co if you are targeting a higher API call volume.",
        Throttled,
        "more time between requests",
        "tried again",
    ),
    Words(
        "burst pattern",
        (
            "Burst pattern detected. Please consider spreading out your API requests more evenly across a 1-minute window "
            "and contact premium@alphavantage.co if you are targeting a higher API call volume."
        ),
        Throttled,
        "more time between requests",
        "tried again",
    ),
    Words(
        "outputsize=full",
        (
            f"{THANKS} The outputsize=full parameter value is a premium feature for the TIME_SERIES_DAILY endpoint. {PLANS} "
            "instantly unlock all premium features"
        ),
        OnlyCompact,
        "only the last 100 bars",
        "Set outputsize to compact",
    ),
    Words(
        "premium endpoint",
        f"{THANKS} This is a premium endpoint. {PLANS} instantly unlock all premium endpoints",
        PremiumOnly,
        "does not include this kind of data",
        "Choose another interval",
    ),
    Words(
        "demo key",
        (
            "The **demo** API key is for demo purposes only. Please claim your free API key at "
            "(https://www.alphavantage.co/support/#api-key) to explore our full API offerings."
        ),
        KeyRefused,
        "demo key",
        "ALPHAVANTAGE_API_KEY",
    ),
    Words(
        "key under Information",
        "the parameter apikey is invalid or missing. Please claim your free API key.",
        KeyRefused,
        "invalid or missing",
        "ALPHAVANTAGE_API_KEY",
    ),
]
MESSAGES = [
    Words(
        "key",
        "the parameter apikey is invalid or missing. Please claim your free API key.",
        KeyRefused,
        "invalid or missing",
        "ALPHAVANTAGE_API_KEY",
    ),
    Words(
        "symbol",
        (
            "Invalid API call. Please retry or visit the documentation (https://www.alphavantage.co/documentation/) for "
            "TIME_SERIES_DAILY."
        ),
        RejectSymbol,
        "does not know this symbol",
        "Check its spelling",
    ),
    Words(
        "function",
        "This API function (TIME_SERIES_DAILY) does not exist.",
        FixConfiguration,
        "does not know the function",
        "base_url",
    ),
]
NOTE = (
    f"{THANKS} Our standard API call frequency is 5 calls per minute and 500 calls per day. Please visit {PLANS} more."
)
PAYLOADS: list[tuple[str, object, str]] = [
    ("nothing", {}, "no bars"),
    ("no quote", {"Global Quote": {}}, "Global Quote"),
    ("no series", {"Meta Data": {"2. Symbol": "IBM"}}, "Meta Data"),
    ("an empty series", {"Meta Data": {}, DAILY: {}}, "no bars"),
    ("another function's series", {"Weekly Time Series": {"2026-11-20": DAY}}, "Weekly"),
    ("an adjusted week's series", {"Weekly Adjusted Time Series": {"2026-11-20": DAY}}, "Weekly"),
    ("minutes instead of days", {"Time Series (5min)": {"2026-11-20 15:55:00": DAY}}, "5min"),
    ("a gateway's words", {"message": "Endpoint request timed out"}, "message"),
    ("the key as a name", {KEY: 1}, "***"),
    ("unheard of words", {"Information": f"hello {KEY}"}, "hello ***"),
    ("a list", [KEY], "no object"),
]
