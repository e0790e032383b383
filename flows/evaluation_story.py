"""The story that the evaluating flow tells."""

from datetime import UTC, datetime

from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture

from flows import tasks
from flows.beginning import begin
from flows.core.backtest import Contest
from flows.core.errors import NextcloseError
from flows.core.evaluation import Evaluation, Held
from flows.core.request import Request
from flows.endings import evaluation_ending, evaluation_outcomes
from flows.gathering import Gathered, gathered
from flows.ledger.runs import keep_run
from flows.ledger.store import open_ledger
from flows.misfires import planned
from flows.naming import call_run
from flows.parts import Parts, parts_in_use
from flows.publishers.progress import Progress
from flows.relay import Relay
from flows.steps import Comparable, Run, comparable, evaluation_recipe


def evaluate(request: Request, *, fetch: bool) -> State[Evaluation]:
    """Fetch, clean, produce, consume, compare, put the winners on record and show all of it; return how it ended.

    A symbol that fails at any step becomes a value in the evaluation; the others go on.
    """
    with parts_in_use(request.source) as parts:
        run, clock = begin(request, parts)
        asked, refused = planned(request, parts, run, clock)
        call_run(request, asked, "evaluate")
        progress = Progress(request.symbols)
        relay = Relay({one.series.symbol: one.due for one in asked}, refused, progress.tell)
        found = gathered(parts, run, asked, relay, request.interval) if fetch else Gathered(tuple(asked), {}, ())
        held = _compare(parts, run, found, relay)
        if not request.recipe.named:
            held = relay.collect("record", {name: tasks.keep.submit(parts, run, one) for name, one in held.items()})
        made = Evaluation(
            interval=request.interval,
            symbols=request.symbols,
            held=tuple(held[name] for name in request.symbols if name in held),
            failures=tuple(relay.in_order(request.symbols)),
            named=request.recipe.named,
            notes=found.notes,
            parts=parts.lines,
            run_id=run.run_id,
            now=run.now,
        )
        tasks.show(made)
        progress.finish()
        return _end(parts, run, made)


def _compare(parts: Parts, run: Run, found: Gathered, relay: Relay) -> dict[str, Held]:
    """Return each symbol's comparison."""
    comparing: dict[str, PrefectFuture[Contest]] = {}
    bars: dict[str, Comparable] = {}
    for one in found.ready:
        symbol = one.series.symbol
        try:
            given = comparable(parts, one, found.cleaned.get(symbol), run.now, found.doubts.get(symbol, ""))
            recipe = evaluation_recipe(parts, one.series, given.as_of, one.recipe)
        except NextcloseError as error:
            relay.drop(symbol, "clean", error)
        else:
            bars[symbol] = given
            comparing[symbol] = tasks.evaluate.submit(given.history, given.as_of, recipe)
    return {
        symbol: Held(bars[symbol].history.id, bars[symbol].as_of, contest, notes=bars[symbol].notes)
        for symbol, contest in relay.collect("forecast", comparing).items()
    }


def _end(parts: Parts, run: Run, made: Evaluation) -> State[Evaluation]:
    name, message, state = evaluation_ending(made)
    engine = open_ledger(parts.ledger, parts.origin)
    keep_run(
        engine, run.run_id, run.flow, run.now, name, message, evaluation_outcomes(made, parts.origin), datetime.now(UTC)
    )
    return state
