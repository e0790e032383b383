"""Forecast one symbol's next close."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.core.bars import Interval
from flows.core.report import Report
from flows.core.request import Request
from flows.parameters import AsOfField, IntervalField, ModelField, NowField, ResendField, SymbolField
from flows.story import tell


@flow(name="forecast-symbol", flow_run_name="{symbol} {interval}", timeout_seconds=3600)
def forecast_symbol(
    symbol: SymbolField,
    interval: IntervalField = Interval.DAILY,
    model: ModelField = None,
    as_of: AsOfField = None,
    now: NowField = None,
    resend: ResendField = False,
) -> State[Report]:
    """Forecast the next close of one symbol, and mail it."""
    return tell(Request((symbol,), interval, model, as_of, now, resend))
