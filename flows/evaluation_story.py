"""The story that the evaluating flow tells."""

from collections.abc import Mapping

from prefect.client.schemas.objects import State

from flows import tasks
from flows.core.backtest import Contest
from flows.core.errors import NextcloseError
from flows.core.evaluation import Evaluation, Held
from flows.core.request import Request, plan
from flows.endings import evaluation_ending, evaluation_outcomes
from flows.gathering import Gathered, begin, gathered
from flows.ledger.runs import keep_run
from flows.ledger.store import open_ledger
from flows.parts import Parts, parts_in_use
from flows.relay import Relay
from flows.steps import Run, comparable, evaluation_recipe


def evaluate(request: Request, *, fetch: bool) -> State[Evaluation]:
    """Fetch, clean, produce, consume, compare, put the winners on record and show all of it; return how it ended.

    A symbol that fails at any step becomes a value in the evaluation; the others go on.
    """
    with parts_in_use(request.source) as parts:
        run, clock = begin(request, parts)
        asked, refused = plan(request, run.now, clock, parts.origin, parts.source.delay)
        relay = Relay({one.series.symbol: one.due for one in asked}, refused)
        found = gathered(parts, run, asked, relay, request.interval) if fetch else Gathered(tuple(asked), {}, ())
        held = _compare(parts, run, found, relay)
        if not request.recipe.named:
            held = relay.collect("record", {name: tasks.keep.submit(parts, run, one) for name, one in held.items()})
        made = Evaluation(
            request.interval,
            request.symbols,
            tuple(held[name] for name in request.symbols if name in held),
            tuple(relay.in_order(request.symbols)),
            request.recipe.named,
            found.notes,
            parts.lines,
            run.run_id,
            run.now,
        )
        tasks.show(made)
        return _end(parts, run, made)


def _compare(parts: Parts, run: Run, found: Gathered, relay: Relay) -> dict[str, Held]:
    """Return each symbol's comparison."""
    comparing, facts = {}, {}
    for one in found.ready:
        symbol = one.series.symbol
        try:
            history, notes = comparable(parts, one, found.cleaned.get(symbol), run.now)
        except NextcloseError as error:
            relay.drop(symbol, "clean", error)
        else:
            as_of = history.last_time or ""
            recipe = evaluation_recipe(parts, one.series, as_of, one.recipe)
            facts[symbol] = (one.series, as_of, notes)
            comparing[symbol] = tasks.evaluate.submit(history, recipe)
    contests: Mapping[str, Contest] = relay.collect("forecast", comparing)
    return {
        symbol: Held(series, as_of, contests[symbol], notes=notes)
        for symbol, (series, as_of, notes) in facts.items()
        if symbol in contests
    }


def _end(parts: Parts, run: Run, made: Evaluation) -> State[Evaluation]:
    name, message, state = evaluation_ending(made)
    engine = open_ledger(parts.ledger, parts.origin)
    keep_run(engine, run.run_id, run.flow, run.now, name, message, evaluation_outcomes(made, parts.origin))
    return state
