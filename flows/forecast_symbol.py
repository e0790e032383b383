"""Forecast one symbol's next close."""

from datetime import date

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import AwareDatetime

from flows.core.bars import Interval
from flows.core.report import Report
from flows.core.request import Request
from flows.parameters import BEST_MODEL, VENDOR, ModelChoice, SourceChoice, SymbolName, chosen_model
from flows.story import tell


@flow(name="forecast-symbol", flow_run_name="{symbol} {interval}", timeout_seconds=3600)
def forecast_symbol(
    symbol: SymbolName,
    interval: Interval = Interval.DAILY,
    model: ModelChoice = BEST_MODEL,
    as_of: date | None = None,
    now: AwareDatetime | None = None,
    resend: bool = False,
    source: SourceChoice = VENDOR,
) -> State[Report]:
    """Forecast the next close of one symbol, and mail it.

    Args:
        symbol: The company's symbol as Alpha Vantage spells it, such as IBM or TSCO.LON.
        interval: How much time each bar spans.
        model: The model to use; "best" takes the one with the lowest error in the comparison.
        as_of: The last completed bar to use; leave it empty for the newest one.
        now: Play the run as if at this instant; leave it empty for the clock.
        resend: Mail the forecast even if these recipients have had it already.
        source: Where the bars come from: the block of this name.
    """
    return tell(Request((symbol,), interval, chosen_model(model), as_of, now, resend, str(source)))
