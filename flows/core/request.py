"""What a run was asked for, and what that means on each symbol's calendar."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.errors import FixConfiguration, NextcloseError, RejectSymbol
from flows.core.forecast import SymbolFailure, failure_of
from flows.core.sessions import Slot, exchange_of

SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.\-^=&]{0,29}")
CLOCK_SLACK = timedelta(minutes=1)
"""A `now` this little behind the clock is not the past."""


@dataclass(frozen=True, slots=True)
class Request:
    """The parameters of one run."""

    symbols: tuple[str, ...]
    interval: Interval = Interval.DAILY
    model: str | None = None
    as_of: date | None = None
    now: datetime | None = None
    resend: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One symbol's part of a request."""

    series: SeriesId
    slot: Slot
    due: str
    """The newest session whose bar should be there by now."""
    model: str | None
    backfill: bool


def plan(request: Request, now: datetime, clock: datetime, origin: Origin) -> tuple[list[Asked], list[SymbolFailure]]:
    """Find each symbol's as-of and target.

    Args:
        request: What was asked.
        now: The instant that the run plays at.
        clock: The real time; tells a live run for a past instant, which is a backfill.
        origin: Where this run's bars come from.

    Returns:
        The symbols that can be asked for, and the failures of those that cannot.
    """
    asked, failures = [], []
    for symbol in request.symbols:
        try:
            asked.append(_ask(symbol, request, now, clock, origin))
        except NextcloseError as error:
            failures.append(failure_of(symbol, "request", error, now.date().isoformat()))
    return asked, failures


def _require_symbol(symbol: str) -> None:
    if not SYMBOL.fullmatch(symbol):
        raise RejectSymbol(
            f"{symbol[:40]!r}, request: this cannot be a symbol, which is made of letters, digits and . - ^ = &. "
            "Mend the list that it stands in; the default one is the variable nextclose_watchlist"
        )


def _ask(symbol: str, request: Request, now: datetime, clock: datetime, origin: Origin) -> Asked:
    _require_symbol(symbol)
    if origin is Origin.LIVE and now > clock + CLOCK_SLACK:
        raise FixConfiguration(
            f"{symbol}, request: {now.isoformat()} has not come yet; live data cannot be played ahead"
        )
    exchange = exchange_of(symbol)
    newest = exchange.slot(now)
    slot = newest if request.as_of is None else exchange.slot_after(request.as_of)
    if slot.as_of.label > newest.as_of.label:
        raise FixConfiguration(
            f"{symbol}, request: --as-of {request.as_of} is not over yet; the last completed session is "
            f"{newest.as_of.label}. Give that day or an earlier one"
        )
    played = origin is Origin.LIVE and now < clock - CLOCK_SLACK
    late = now >= slot.target.closes_at
    return Asked(SeriesId(origin, symbol, request.interval), slot, newest.as_of.label, request.model, played or late)
