"""Forecast the next close of every symbol on a watchlist."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.core.bars import Interval
from flows.core.report import Report
from flows.core.request import Request
from flows.parameters import AsOfField, IntervalField, ModelField, NowField, ResendField, SymbolsField
from flows.story import tell
from flows.watchlist import watchlist


@flow(name="forecast-watchlist", flow_run_name="watchlist {interval}", timeout_seconds=3600)
def forecast_watchlist(
    symbols: SymbolsField = None,
    interval: IntervalField = Interval.DAILY,
    model: ModelField = None,
    as_of: AsOfField = None,
    now: NowField = None,
    resend: ResendField = False,
) -> State[Report]:
    """Forecast the next close of each symbol, and mail all of it at once."""
    return tell(Request(tuple(symbols or watchlist()), interval, model, as_of, now, resend))
