"""Every task: a name, a policy, and one delegation. Retries and caches stand here and nowhere else.

What makes two pieces of work the same for a cache stands in `flows.keys`. Prefect's time-outs cannot interrupt a task that
runs in a thread, so none is set: every socket has a time-out of its own, in the alpha-vantage block, in `flows.stream` and
in `flows.publishers.outbox`; the flows have one.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from flows import steps
from flows.core.alerts import Alerting
from flows.core.backtest import Contest
from flows.core.bars import BarSeries, Interval, SeriesId
from flows.core.cleaning import Cleaned, RawSeries
from flows.core.errors import Retryable
from flows.core.evaluation import Evaluation, Held
from flows.core.forecast import Forecast, Prediction, SymbolFailure
from flows.core.jumps import Jump
from flows.core.periods import Slot
from flows.core.recipe import Recipe
from flows.core.report import Entry, Report
from flows.keys import evaluation_key, fetch_key, forecast_key
from flows.pace import wait_for_turn
from flows.parts import Parts
from flows.plain_logs import speak_plainly
from flows.publishers.delivery import Delivery
from flows.sealing import keeps_secrets
from flows.sources import BarRequest
from flows.steps import Consumed, Run
from flows.stream.produce import Receipt

speak_plainly()


def can_retry(_task: Any, _run: TaskRun, state: State[Any]) -> bool:
    """Retry only what a retry can change."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, Retryable)


TWICE_MORE: dict[str, Any] = {
    "retries": 2,
    "retry_delay_seconds": [2, 10],
    "retry_condition_fn": can_retry,
    "cache_policy": NO_CACHE,
}
"""What depends on the ledger or on Kafka."""


@task(
    name="fetch",
    task_run_name="fetch {series.symbol}",
    retries=3,
    retry_delay_seconds=[2, 8, 30],
    retry_jitter_factor=0.2,
    retry_condition_fn=can_retry,
    cache_key_fn=fetch_key,
    persist_result=True,
)
@keeps_secrets
def fetch(parts: Parts, series: SeriesId, due: str, month: str, deep: bool, received_at: datetime) -> RawSeries:  # noqa: ARG001 - for the key
    """Ask the source for one symbol's bars."""
    request = BarRequest(series.symbol, series.interval, received_at, month, deep)
    return steps.fetch(parts, request, partial(wait_for_turn, parts.source))


@task(name="connect", task_run_name="connect", cache_policy=NO_CACHE)
@keeps_secrets
def connect(parts: Parts) -> tuple[str, ...]:
    """Meet the Kafka cluster before a request is spent; it is given ten seconds to answer, once."""
    return steps.connect(parts)


@task(name="clean", task_run_name="clean {raw.symbol}", cache_policy=NO_CACHE)
def clean(raw: RawSeries, now: datetime) -> Cleaned:
    """Keep the bars that can be used, and account for the others."""
    return steps.clean(raw, now)


@task(name="produce", task_run_name="produce {cleaned.series.symbol}", **TWICE_MORE)
@keeps_secrets
def produce(parts: Parts, cleaned: Cleaned, run: Run) -> Receipt:
    """Publish new and revised bars to Kafka, and rejected ones to quarantine."""
    return steps.produce(parts, cleaned, run)


@task(name="consume", task_run_name="consume", **TWICE_MORE)
@keeps_secrets
def consume(parts: Parts, receipts: Sequence[Receipt], run_id: str) -> Consumed:
    """Read everything new on the bars topic into the ledger."""
    return steps.consume(parts, receipts, run_id)


@task(
    name="ask about splits",
    task_run_name="ask about splits of {series.symbol}",
    retries=3,
    retry_delay_seconds=[2, 8, 30],
    retry_jitter_factor=0.2,
    retry_condition_fn=can_retry,
    cache_policy=NO_CACHE,
)
@keeps_secrets
def ask_about(parts: Parts, series: SeriesId, jumps: Sequence[Jump], received_at: datetime) -> str:
    """Ask the source whether jumps in a symbol's prices are splits; not cached, because it may list them tomorrow."""
    return steps.ask_about(parts, series, jumps, received_at, partial(wait_for_turn, parts.source))


@task(
    name="forecast",
    task_run_name="forecast {history.symbol}",
    retries=1,
    retry_delay_seconds=1,
    retry_condition_fn=can_retry,
    cache_key_fn=forecast_key,
    persist_result=True,
)
def forecast(history: BarSeries, slot: Slot, recipe: Recipe) -> Prediction:
    """Compare the models and forecast the next close."""
    return steps.forecast(history, slot, recipe)


@task(
    name="evaluate",
    task_run_name="evaluate {history.symbol}",
    retries=1,
    retry_delay_seconds=1,
    retry_condition_fn=can_retry,
    cache_key_fn=evaluation_key,
    persist_result=True,
)
def evaluate(history: BarSeries, as_of: str, recipe: Recipe) -> Contest:
    """Compare the models on one symbol's bars."""
    return steps.evaluate(history, as_of, recipe)


@task(name="keep", task_run_name="keep {held.symbol}", **TWICE_MORE)
@keeps_secrets
def keep(parts: Parts, run: Run, held: Held) -> Held:
    """Put the winner of a whole comparison on record."""
    return steps.keep(parts, run, held)


@task(name="record", task_run_name="record {prediction.symbol}", **TWICE_MORE)
@keeps_secrets
def record(parts: Parts, prediction: Prediction, run: Run, backfill: bool) -> Forecast:
    """Write the forecast down, in the ledger and on its topic, before anybody is told."""
    return steps.record(parts, prediction, run, backfill=backfill)


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
@keeps_secrets
def report(
    parts: Parts,
    run: Run,
    interval: Interval,
    entries: Sequence[Entry],
    failures: Sequence[SymbolFailure],
    notes: Sequence[str],
) -> Report:
    """Put everything into one report, and show it in Prefect's UI."""
    return steps.report(parts, run, interval, entries, failures, notes)


@task(name="show", task_run_name="show", cache_policy=NO_CACHE)
def show(made: Evaluation) -> None:
    """Show the comparisons over a watchlist in Prefect's UI."""
    steps.show(made)


@task(
    name="notify",
    task_run_name="notify",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=can_retry,
    cache_policy=NO_CACHE,
)
@keeps_secrets
def notify(parts: Parts, made: Report, resend: bool, alerting: Alerting) -> Delivery:
    """Mail the report; retried only while the mail has certainly not gone out."""
    return steps.notify(parts, made, resend=resend, alerting=alerting)
