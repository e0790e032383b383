"""The story that both forecasting flows tell, for one symbol or for many."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from prefect.client.schemas.objects import State

from flows import tasks
from flows.beginning import accounted, begin
from flows.core.errors import NextcloseError
from flows.core.forecast import Forecast, Prediction
from flows.core.report import Report
from flows.core.request import Asked, Request
from flows.endings import ending, outcomes_of
from flows.gathering import Gathered, gathered
from flows.lateness import end_superseded, why_superseded
from flows.ledger.runs import keep_run
from flows.ledger.store import open_ledger
from flows.misfires import planned
from flows.naming import call_run
from flows.parts import Parts, parts_in_use
from flows.publishers.delivery import Delivery
from flows.publishers.progress import Progress
from flows.relay import Relay
from flows.steps import Run, entry, explain, recipe_for, usable_history


def tell(request: Request) -> State[Report]:
    """Fetch, clean, produce, consume, forecast, record, report and mail; return how it ended.

    A symbol that fails at any step becomes a value in the report; the others go on.
    """
    with parts_in_use(request.source) as parts:
        run, clock = begin(request, parts)
        late = why_superseded(parts, run, clock, request.latest_start)
        with accounted(parts, run, request):
            return end_superseded(parts, run, request, late) if late else _tell(request, parts, run, clock)


def _tell(request: Request, parts: Parts, run: Run, clock: datetime) -> State[Report]:
    asked, refused = planned(request, parts, run, clock)
    call_run(request, asked)
    progress = Progress(request.symbols)
    relay = Relay({one.series.symbol: one.due for one in asked}, refused, progress.tell)
    found = gathered(parts, run, asked, relay, request.interval)
    predictions, notes = _forecast(parts, run, found, relay)
    recorded = _record(parts, run, found.ready, predictions, relay)
    entries = [entry(parts, recorded[name], notes[name]) for name in request.symbols if name in recorded]
    report = tasks.report(parts, run, request.interval, entries, relay.in_order(request.symbols), found.notes)
    told = tasks.notify(parts, report, request.resend, request.alerting, return_state=True)
    progress.finish()
    return _end(parts, run, report, told.result(raise_on_failure=False))


def _forecast(
    parts: Parts, run: Run, found: Gathered, relay: Relay
) -> tuple[dict[str, Prediction], dict[str, tuple[str, ...]]]:
    """Return each symbol's prediction, and the notes on its data."""
    forecasting, notes = {}, {}
    for one in found.ready:
        symbol, cleaned = one.series.symbol, found.cleaned[one.series.symbol]
        try:
            history, holes = usable_history(parts, cleaned, one.slot, run.now, found.doubts.get(symbol, ""))
            recipe, said = recipe_for(parts, one.series, one.slot, one.recipe, run.now)
        except NextcloseError as error:
            relay.drop(symbol, "clean", error)
        else:
            notes[symbol] = (*cleaned.notes, *holes, *said)
            forecasting[symbol] = tasks.forecast.submit(history, one.slot, recipe)
    return relay.collect("forecast", forecasting), notes


def _record(
    parts: Parts, run: Run, asked: Sequence[Asked], predictions: Mapping[str, Prediction], relay: Relay
) -> dict[str, Forecast]:
    recording = {
        one.series.symbol: tasks.record.submit(parts, predictions[one.series.symbol], run, one.backfill)
        for one in asked
        if one.series.symbol in predictions
    }
    return relay.collect("record", recording)


def _end(parts: Parts, run: Run, report: Report, delivery: Delivery | BaseException) -> State[Report]:
    name, message, state = ending(report, delivery)
    engine = open_ledger(parts.ledger, parts.origin)
    symbols = outcomes_of(report, delivery)
    keep_run(engine, run.run_id, run.flow, run.now, name, message, symbols, datetime.now(UTC))
    explain(parts, run.run_id)
    return state
