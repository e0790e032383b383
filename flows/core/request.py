"""What a run was asked for, and what that means on each symbol's calendar."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flows.core.alerts import Alerting
from flows.core.bars import Interval, Origin, SeriesId
from flows.core.calendars import BarCalendar, calendar_of
from flows.core.errors import FixConfiguration, NextcloseError, RejectSymbol
from flows.core.forecast import SymbolFailure, failure_of
from flows.core.periods import Slot
from flows.core.recipe import Recipe

SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.\-^=&]{0,29}")
CLOCK_SLACK = timedelta(minutes=1)
"""A `now` this little behind the clock is not the past."""

NEWEST_BARS = timedelta(days=25)
"""Bars within sessions that are older than this are not among a source's newest, and are asked for by their month."""


@dataclass(frozen=True, slots=True)
class Request:
    """The parameters of one run."""

    symbols: tuple[str, ...]
    interval: Interval = Interval.DAILY
    recipe: Recipe = field(default_factory=Recipe)
    as_of: date | None = None
    now: datetime | None = None
    resend: bool = False
    source: str = "alpha-vantage"
    """The name of the source's block."""
    alerting: Alerting = field(default_factory=Alerting)
    latest_start: timedelta | None = None
    """How much later than scheduled a run may begin; None where that does not matter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One symbol's part of a request."""

    series: SeriesId
    slot: Slot
    due: str
    """The newest bar that should be there by now."""
    recipe: Recipe
    backfill: bool


def plan(
    request: Request, now: datetime, clock: datetime, origin: Origin, delay: timedelta = timedelta(0)
) -> tuple[list[Asked], list[SymbolFailure]]:
    """Find each symbol's as-of and target.

    Args:
        request: What was asked.
        now: The instant that the run plays at.
        clock: The real time; tells a live run for a past instant, which is a backfill.
        origin: Where this run's bars come from.
        delay: How much later than the exchange this source tells of them.

    Returns:
        The symbols that can be asked for, and the failures of those that cannot.
    """
    asked, failures = [], []
    for symbol in request.symbols:
        try:
            asked.append(_ask(symbol, request, now, clock, origin, delay))
        except NextcloseError as error:
            failures.append(failure_of(symbol, "request", error, now.date().isoformat()))
    return asked, failures


def is_deep(one: Asked) -> bool:
    """Say whether an older bar within sessions is wanted, which need not be among a source's newest hundred."""
    return one.series.interval.minutes is not None and one.slot.as_of.label < one.due


def month_wanted(one: Asked, now: datetime) -> str:
    """Return the month to ask a source for, such as 2024-05; empty where its newest bars are the ones wanted."""
    day = one.slot.as_of.local_close
    return "" if one.series.interval.minutes is None or now - day < NEWEST_BARS else f"{day:%Y-%m}"


def require_symbol(symbol: str, step: str) -> None:
    """Raise RejectSymbol if a text cannot be a symbol."""
    if not SYMBOL.fullmatch(symbol):
        raise RejectSymbol(
            f"{symbol[:40]!r}, {step}: this cannot be a symbol, which is made of letters, digits and . - ^ = &. "
            "Mend the list that it stands in; the default one is the variable nextclose_watchlist"
        )


def _ask(symbol: str, request: Request, now: datetime, clock: datetime, origin: Origin, delay: timedelta) -> Asked:
    require_symbol(symbol, "request")
    if origin is Origin.LIVE and now > clock + CLOCK_SLACK:
        raise FixConfiguration(
            f"{symbol}, request: {now.isoformat()} has not come yet; live data cannot be played ahead"
        )
    calendar = calendar_of(symbol, request.interval)
    newest = calendar.slot(now - delay)
    slot = newest if request.as_of is None else _slot_asked(symbol, request.as_of, calendar, newest)
    played = origin is Origin.LIVE and now < clock - CLOCK_SLACK
    late = now >= slot.target.closes_at
    return Asked(SeriesId(origin, symbol, request.interval), slot, newest.as_of.label, request.recipe, played or late)


def _slot_asked(symbol: str, as_of: date, calendar: BarCalendar, newest: Slot) -> Slot:
    slot = calendar.slot_after(as_of)
    if slot.as_of.label <= newest.as_of.label:
        return slot
    if newest.as_of.local_close.date() == as_of:
        # Today's session has bars already, and will have more.
        return newest
    raise FixConfiguration(
        f"{symbol}, request: --as-of {as_of} is not over yet; the last completed {calendar.interval.span} is "
        f"{newest.as_of.short}. Give that day or an earlier one"
    )
