"""Forecasts of past days: each from what was known then, kept and never counted, and nobody is mailed."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from flows import steps
from flows.core.bars import SeriesId
from flows.core.calendars import BarCalendar, calendar_of
from flows.core.errors import NextcloseError
from flows.core.forecast import Forecast, SymbolFailure, failure_of
from flows.core.periods import Slot
from flows.core.request import Request, require_symbol
from flows.ledger.runs import keep_run
from flows.ledger.store import open_ledger
from flows.pace import set_pace, wait_for_turn
from flows.parts import Parts
from flows.sources import BarRequest
from flows.steps import Run
from flows.steps.forecasting import history_at
from flows.steps.recipes import recipe_for

FLOW = "backfill"

_log = logging.getLogger("nextclose")


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of one as-of bar of one symbol."""

    symbol: str
    as_of: str
    forecast: Forecast | None = None
    known: bool = False
    """It was on record before, and was left as it is."""
    failure: SymbolFailure | None = None


def backfill(
    parts: Parts,
    run: Run,
    request: Request,
    first: date,
    last: date,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> list[Filled]:
    """Forecast after every bar that was the last completed one on some day of a range, for each symbol.

    Args:
        parts: Where everything is.
        run: Whose name stands on the forecasts.
        request: The symbols, their interval, and how forecasts are made.
        first: The first day.
        last: The last day, included; days that are not over yet have no bar.
        tell: Told how many bars are done, and how many there are.

    Returns:
        One value a bar, failures among them: what fails for one symbol or bar does not keep the others back.
    """
    steps.connect(parts)
    set_pace(parts.source)
    wanted: list[tuple[SeriesId, Slot]] = []
    made: list[Filled] = []
    for symbol in request.symbols:
        series = SeriesId(parts.origin, symbol, request.interval)
        try:
            wanted += [(series, slot) for slot in _gathered(parts, run, series, first, last)]
        except NextcloseError as error:
            made.append(Filled(symbol, "", failure=failure_of(symbol, "fetch", error, "")))
    for number, (series, slot) in enumerate(wanted):
        tell(number, len(wanted))
        made.append(_filled(parts, run, request, series, slot))
    tell(len(wanted), len(wanted))
    _keep(parts, run, made)
    return made


def _gathered(parts: Parts, run: Run, series: SeriesId, first: date, last: date) -> list[Slot]:
    """Bring a symbol's bars into the ledger; return what is to be forecast."""
    require_symbol(series.symbol, "request")
    calendar = calendar_of(series.symbol, series.interval)
    newest = calendar.slot(run.now - parts.source.delay)
    raw = steps.fetch(
        parts,
        BarRequest(series.symbol, series.interval, run.issued_at, "", deep=False),
        partial(wait_for_turn, parts.source),
    )
    cleaned = steps.clean(raw, run.now - parts.source.delay)
    cleaned.require_trust(newest.as_of.label)
    receipt = steps.produce(parts, cleaned, run)
    steps.consume(parts, [receipt], run.run_id)
    return list(slots_in(calendar, first, last, newest.as_of.label))


def slots_in(calendar: BarCalendar, first: date, last: date, newest: str) -> Iterator[Slot]:
    """Yield the slot after each bar that was the last one completed on some day of a range, oldest first.

    Args:
        calendar: The bars that there can be.
        first: The first day.
        last: The last day, included.
        newest: The last bar that is completed by now.
    """
    seen = ""
    for number in range((last - first).days + 1):
        slot = calendar.slot_after(first + timedelta(days=number))
        if seen < slot.as_of.label <= newest and slot.as_of.local_close.date() >= first:
            seen = slot.as_of.label
            yield slot


def _filled(parts: Parts, run: Run, request: Request, series: SeriesId, slot: Slot) -> Filled:
    engine, as_of = open_ledger(parts.ledger, parts.origin), slot.as_of.label
    then = min(run.now, slot.target.closes_at)
    try:
        used = history_at(engine, series, slot, run.now).used
        recipe, _ = recipe_for(parts, series, slot, request.recipe, then)
        made = steps.forecast(used, slot, recipe)
        kept = steps.record(parts, made, run, backfill=run.now >= slot.target.closes_at)
    except NextcloseError as error:
        return Filled(series.symbol, as_of, failure=failure_of(series.symbol, "forecast", error, as_of))
    return Filled(series.symbol, as_of, kept, known=kept.run_id != run.run_id)


def _keep(parts: Parts, run: Run, made: Sequence[Filled]) -> None:
    failed = sum(one.failure is not None for one in made)
    message = f"{len(made) - failed} forecasts of past days, {failed} failed"
    _log.info("%s", message)
    engine = open_ledger(parts.ledger, parts.origin)
    keep_run(engine, run.run_id, FLOW, run.now, "Backfilled", message, [], datetime.now(UTC))
