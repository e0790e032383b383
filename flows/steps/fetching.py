"""Asking a source for bars within the day's requests, and cleaning what it gave."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from flows.core import cleaning
from flows.core.bars import Interval, SeriesId
from flows.core.budget import Budget, Share, share_out
from flows.core.cleaning import Cleaned, RawSeries
from flows.core.errors import NotConnected, QuotaSpent
from flows.core.periods import Slot
from flows.core.request import Asked
from flows.ledger import bars as kept_bars
from flows.ledger.budget import close_budget, requests_used, return_request, spend_request
from flows.ledger.imports import claim_series
from flows.ledger.runs import unknown_symbols
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.sources import SOURCES, BarRequest
from flows.steps.run import Run

T = TypeVar("T")

VENDOR_DAY = ZoneInfo("America/New_York")
"""The clock on which the vendor's day of requests is counted here."""

_log = logging.getLogger("nextclose")


def share(parts: Parts, run: Run, asked: Sequence[Asked], interval: Interval) -> Share:
    """Decide who is fetched first, and for whom no request is left."""
    engine = open_ledger(parts.ledger, parts.origin)
    newest: Mapping[str, str] = kept_bars.newest_times(engine, parts.origin, interval)
    shared = share_out(asked, newest, unknown_symbols(engine, parts.origin, interval), _budget(parts, run))
    _log.info("%s", shared.sentence)
    return shared


def _budget(parts: Parts, run: Run) -> Budget | None:
    limit = parts.source.daily_requests
    if limit is None:
        return None
    day = _vendor_day(run.issued_at)
    return Budget(day, limit, requests_used(open_ledger(parts.ledger, parts.origin), parts.source.account, day))


def fetch(parts: Parts, request: BarRequest, wait: Callable[[], None]) -> RawSeries:
    """Ask the source, within the day's budget of requests and at its pace; `wait` returns when it is our turn."""
    source = parts.source
    claim_series(
        open_ledger(parts.ledger, parts.origin), SeriesId(parts.origin, request.symbol, request.interval), source.kind
    )
    ask = partial(SOURCES[type(source)](source).fetch, request)
    raw = within_budget(parts, request.symbol, request.received_at, wait, ask)
    _log.info("%s: %d bars fetched, newest %s", request.symbol, len(raw.rows), max(str(row.time) for row in raw.rows))
    return raw


def within_budget(
    parts: Parts, symbol: str, received_at: datetime, wait: Callable[[], None], ask: Callable[[Callable[[], None]], T]
) -> T:
    """Return what `ask` gives, to which is handed what it calls before each request."""
    engine = open_ledger(parts.ledger, parts.origin)
    source, account = parts.source, parts.source.account
    day = _vendor_day(received_at)

    def spend() -> None:
        wait()
        spend_request(engine, account, day, source.daily_requests, f"{symbol}, fetch")

    try:
        return ask(spend)
    except NotConnected:
        return_request(engine, account, day)
        raise
    except QuotaSpent:
        # The key was used elsewhere too: nobody else needs to ask today.
        close_budget(engine, account, day, source.daily_requests)
        raise


def _vendor_day(instant: datetime) -> str:
    return instant.astimezone(VENDOR_DAY).date().isoformat()


def clean(raw: RawSeries, now: datetime) -> Cleaned:
    """Clean one answer, and say what was found."""
    cleaned = cleaning.clean(raw, now)
    for note in cleaned.notes:
        _log.info("%s: %s", raw.symbol, note)
    return cleaned


def is_outdated(raw: RawSeries, slot: Slot, now: datetime) -> bool:
    """Say whether an answer lacks the as-of session's bar, so that the source may have more by now."""
    return cleaning.clean(raw, now).series.until(slot.as_of.label).last_time != slot.as_of.label
