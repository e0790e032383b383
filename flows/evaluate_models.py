"""Compare all models on every symbol of a watchlist, and put the winners on record."""

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import AwareDatetime

from flows.core.bars import Interval
from flows.core.evaluation import Evaluation
from flows.core.recipe import Recipe
from flows.core.request import Request
from flows.evaluation_story import evaluate
from flows.parameters import VENDOR, Models, SourceChoice, Symbols
from flows.watchlist import watchlist


@flow(name="evaluate-models", flow_run_name="evaluate {interval}", timeout_seconds=4 * 3600)
def evaluate_models(
    symbols: Symbols | None = None,
    interval: Interval = Interval.DAILY,
    models: Models | None = None,
    source: SourceChoice = VENDOR,
    now: AwareDatetime | None = None,
    fetch: bool = True,
) -> State[Evaluation]:
    """Compare the models on each symbol; the winners are what forecasts with the contest "recorded" use.

    Args:
        symbols: The symbols to compare models on; leave it empty for the watchlist in the variable nextclose_watchlist.
        interval: How much time each bar spans.
        models: The models to compare; leave it empty for all of the usual ones. Only then are the winners put on record:
            a choice of models is shown, and changes nothing.
        source: Where the bars come from: the block of this name.
        now: Play the run as if at this instant; leave it empty for the clock.
        fetch: Ask the source for new bars first; otherwise only what the ledger holds is used.
    """
    how = Recipe(named=tuple(map(str, models or ())))
    return evaluate(Request(tuple(symbols or watchlist()), interval, how, now=now, source=str(source)), fetch=fetch)
