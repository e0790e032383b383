"""Runs as Prefect knows them: those that never came as far as the ledger, and those that were killed on the way."""

from datetime import datetime
from typing import NamedTuple

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.types import DateTime

from flows.core.redaction import redact

FLOWS = ("forecast-watchlist", "forecast-symbol")
MOST = 200
"""More runs than this of one day are not looked at."""


class KnownRun(NamedTuple):
    """One run in Prefect's own words."""

    run_id: str
    name: str
    at: datetime
    state: str
    message: str
    has_begun: bool
    has_ended: bool


def prefect_runs(since: datetime, until: datetime) -> dict[str, KnownRun]:
    """Return Prefect's runs of the forecasting flows that were due between two instants, by their id."""
    due = FlowRunFilterExpectedStartTime(after_=_instant(since), before_=_instant(until))
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=list(FLOWS))),
            flow_run_filter=FlowRunFilter(expected_start_time=due),
            sort=FlowRunSort.EXPECTED_START_TIME_ASC,
            limit=MOST,
        )
    return {str(run.id): _known(run, since) for run in found}


def _instant(instant: datetime) -> DateTime:
    return DateTime.fromisoformat(instant.isoformat())


def _known(run: FlowRun, since: datetime) -> KnownRun:
    state = run.state
    return KnownRun(
        str(run.id),
        run.name,
        run.expected_start_time or since,
        str(state.name) if state is not None else "unknown",
        redact(str(state.message or "")) if state is not None else "",
        run.start_time is not None,
        state is not None and state.is_final(),
    )
