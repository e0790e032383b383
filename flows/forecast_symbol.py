"""Forecast one symbol's next close."""

from datetime import date, timedelta

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import AwareDatetime

from flows.core.alerts import DEFAULT_PERCENT, AlertWhen, MailForm
from flows.core.bars import Interval
from flows.core.recipe import ContestKind
from flows.core.report import Report
from flows.core.request import Request
from flows.parameters import (
    BEST_MODEL,
    LATE_MINUTES,
    METHOD,
    VENDOR,
    LateMinutes,
    Level,
    MethodChoice,
    ModelChoice,
    Order,
    Percent,
    SourceChoice,
    SymbolName,
    alerting,
    recipe,
)
from flows.story import tell


@flow(name="forecast-symbol", flow_run_name="{symbol} {interval}", timeout_seconds=3600)
def forecast_symbol(
    symbol: SymbolName,
    interval: Interval = Interval.DAILY,
    model: ModelChoice = BEST_MODEL,
    contest: ContestKind = ContestKind.FULL,
    as_of: date | None = None,
    now: AwareDatetime | None = None,
    resend: bool = False,
    source: SourceChoice = VENDOR,
    intervals: MethodChoice = METHOD,
    levels: list[Level] | None = None,
    arima_order: Order = "1,1,0",
    alert: AlertWhen = AlertWhen.ALWAYS,
    alert_percent: Percent = DEFAULT_PERCENT,
    latest_start_minutes: LateMinutes = LATE_MINUTES,
) -> State[Report]:
    """Forecast the next close of one symbol, and mail it.

    Args:
        symbol: The company's symbol as Alpha Vantage spells it, such as IBM or TSCO.LON: no spaces in it.
        interval: How much time each bar spans.
        model: The model to use; "best" takes the one with the lowest error in the comparison.
        contest: The models to compare: all of them, only those that cost next to nothing, or none, because the winner that
            evaluate-models has recorded is used.
        as_of: The last completed bar to use; leave it empty for the newest one.
        now: Play the run as if at this instant; leave it empty for the clock.
        resend: Mail the forecast even if these recipients have had it already.
        source: Where the bars come from: the block of this name.
        intervals: How the prediction intervals are made.
        levels: Intervals that are wanted besides those of 80 % and 95 %, such as 0.5 for one that half of the closes should
            lie inside.
        arima_order: The order p,d,q of the model called arima.
        alert: What a mail waits for: "always" for nothing, "move" for a forecast, "edge" for an edge of the 80 % interval that
            is more than alert_percent away from the last close; "failure" mails no forecast. Failures are always mailed.
        alert_percent: The bound for "move" and "edge", in percent.
        latest_start_minutes: A run of a schedule that begins later than this does nothing, and ends as Superseded.
    """
    how = recipe(model, contest, intervals, levels, arima_order)
    mailed = alerting(alert, alert_percent, MailForm.DIGEST)
    return tell(
        Request(
            (symbol,), interval, how, as_of, now, resend, str(source), mailed, timedelta(minutes=latest_start_minutes)
        )
    )
