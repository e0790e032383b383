"""Forecast the next close of every symbol on a watchlist."""

from datetime import date

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import AwareDatetime

from flows.core.bars import Interval
from flows.core.report import Report
from flows.core.request import Request
from flows.parameters import BEST_MODEL, VENDOR, ModelChoice, SourceChoice, Symbols, chosen_model
from flows.story import tell
from flows.watchlist import watchlist


@flow(name="forecast-watchlist", flow_run_name="watchlist {interval}", timeout_seconds=3600)
def forecast_watchlist(
    symbols: Symbols | None = None,
    interval: Interval = Interval.DAILY,
    model: ModelChoice = BEST_MODEL,
    as_of: date | None = None,
    now: AwareDatetime | None = None,
    resend: bool = False,
    source: SourceChoice = VENDOR,
) -> State[Report]:
    """Forecast the next close of each symbol, and mail all of it at once.

    Args:
        symbols: The symbols to forecast; leave it empty for the watchlist in the variable nextclose_watchlist.
        interval: How much time each bar spans.
        model: The model to use; "best" takes, for each symbol, the one with the lowest error in the comparison.
        as_of: The last completed bar to use; leave it empty for the newest one.
        now: Play the run as if at this instant; leave it empty for the clock.
        resend: Mail the forecasts even if these recipients have had them already.
        source: Where the bars come from: the block of this name.
    """
    return tell(Request(tuple(symbols or watchlist()), interval, chosen_model(model), as_of, now, resend, str(source)))
