"""The steps of `forecast-symbol` as plain functions, one after the other: what a run takes without tasks and a flow."""

import json
import sys
import time
import uuid
import warnings
from datetime import UTC, datetime

from flows import steps
from flows.core.alerts import Alerting
from flows.core.bars import Interval
from flows.core.recipe import ContestKind, Recipe
from flows.core.request import Request, is_deep, month_wanted, plan
from flows.endings import ending, outcomes_of
from flows.ledger.runs import Begun, begin_run, keep_run
from flows.ledger.store import open_ledger
from flows.parts import Parts, parts_in_use
from flows.sources import BarRequest
from flows.steps import Run


def tell(parts: Parts, symbol: str) -> str:
    """Do all that the story does for one symbol; return the name of how it ended."""
    clock = datetime.now(UTC)
    run = Run(str(uuid.uuid4()), "forecast-symbol", clock, clock)
    engine = open_ledger(parts.ledger, parts.origin)
    begin_run(engine, Begun(run.run_id, run.flow, clock, parts.origin, Interval.DAILY, (symbol,), clock, None, None))
    request = Request((symbol,), Interval.DAILY, Recipe(contest=ContestKind.CHEAP))
    ((one,), _) = plan(request, clock, clock, parts.origin, parts.source.delay)
    steps.connect(parts)
    steps.share(parts, run, [one], Interval.DAILY)
    wanted = BarRequest(symbol, Interval.DAILY, clock, month_wanted(one, clock), is_deep(one))
    cleaned = steps.clean(steps.fetch(parts, wanted, lambda: None), clock - parts.source.delay)
    steps.consume(parts, [steps.produce(parts, cleaned, run)], run.run_id)
    steps.jumps_before(parts, cleaned, one.slot, clock)
    history, holes = steps.usable_history(parts, cleaned, one.slot, clock, "")
    recipe, said = steps.recipe_for(parts, one.series, one.slot, one.recipe, clock)
    made = steps.record(parts, steps.forecast(history, one.slot, recipe), run, backfill=one.backfill)
    entry = steps.entry(parts, made, (*cleaned.notes, *holes, *said))
    report = steps.report(parts, run, Interval.DAILY, [entry], [], ())
    delivery = steps.notify(parts, report, resend=False, alerting=Alerting())
    name, message, _ = ending(report, delivery)
    keep_run(engine, run.run_id, run.flow, clock, name, message, outcomes_of(report, delivery), datetime.now(UTC))
    steps.explain(parts, run.run_id)
    return name


if __name__ == "__main__":
    # Prefect wants artifacts made within a run.
    warnings.simplefilter("ignore")
    with parts_in_use() as given:
        began = time.perf_counter()
        ended = tell(given, sys.argv[1])
        print(json.dumps({"seconds": time.perf_counter() - began, "ended": ended}))  # noqa: T201
