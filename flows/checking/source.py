"""The doctor's look at the source of bars: one request, and none offline."""

from datetime import UTC, datetime
from functools import partial

from flows.core.bars import Interval
from flows.core.checks import Check
from flows.core.connections import DEMO_KEY, AlphaVantageConnection
from flows.core.errors import KeyRefused, NextcloseError, PremiumOnly, WaitUntilTomorrow
from flows.pace import set_pace, wait_for_turn
from flows.parts import Parts
from flows.sources import SOURCES, BarRequest
from flows.steps.fetching import within_budget

SYMBOL = "IBM"
"""The one symbol that every key is answered for."""


def check_source(parts: Parts, *, offline: bool) -> list[Check]:
    """Ask Alpha Vantage for IBM's daily bars, within the day's budget."""
    source = parts.source
    if not isinstance(source, AlphaVantageConnection):
        return []
    found = [_only_demo()] if source.api_key == DEMO_KEY else []
    if offline:
        return [*found, Check("Alpha Vantage", "ok", f"{source.account}: not asked")]
    request = BarRequest(SYMBOL, Interval.DAILY, datetime.now(UTC))
    set_pace(source)
    ask = partial(SOURCES[type(source)](source).fetch, request)
    try:
        # Not as a run fetches: the symbol's history must not be put down to this source by a look.
        raw = within_budget(parts, SYMBOL, request.received_at, partial(wait_for_turn, source), ask)
    except NextcloseError as error:
        return [*found, _failed(error)]
    newest = max(str(row.time) for row in raw.rows)
    return [
        *found,
        Check("Alpha Vantage", "ok", f"{source.account} answers: {len(raw.rows)} bars, the newest of {newest}"),
    ]


def _only_demo() -> Check:
    mend = "Claim a free key, then: export ALPHAVANTAGE_API_KEY=… and nextclose configure"
    return Check("API key", "warning", "the public demo key, which answers for IBM only", mend)


def _failed(error: NextcloseError) -> Check:
    said = str(error).removeprefix(f"{SYMBOL}, fetch: ")
    if isinstance(error, WaitUntilTomorrow):
        return Check("Alpha Vantage", "warning", said, "Wait until tomorrow, or get a plan with more requests")
    wrong_key = isinstance(error, KeyRefused | PremiumOnly)
    fields = "ALPHAVANTAGE_API_KEY" if wrong_key else "ALPHAVANTAGE_BASE_URL, and the way from here to the internet"
    return Check("Alpha Vantage", "broken", said, f"Check {fields}; nextclose configure stores it")
