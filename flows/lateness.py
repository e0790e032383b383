"""Scheduled runs that come too late to make sense: after an outage, Prefect starts every one that was missed."""

from datetime import UTC, datetime, timedelta

from prefect.client.schemas.objects import State

from flows.core.report import Report
from flows.core.request import Request
from flows.core.slots import Ended
from flows.endings import final_state
from flows.ledger.runs import Outcome, keep_run, newer_success
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps import Run, explain


def why_superseded(parts: Parts, run: Run, clock: datetime, latest_start: timedelta | None) -> str:
    """Return why a scheduled run has nothing to do any more; nothing if it has, and for a run that a person asked for."""
    if run.scheduled_for is None or run.deployment is None:
        return ""
    planned = f"this run was scheduled for {run.scheduled_for:%Y-%m-%d %H:%M} UTC"
    late = clock - run.scheduled_for
    if latest_start is not None and late > latest_start:
        return f"{planned} and began {_span(late)} later; more than {_span(latest_start)} is too late (latest_start_minutes)"
    newer = newer_success(open_ledger(parts.ledger, parts.origin), run.deployment, run.scheduled_for)
    return f"{planned}; that of {newer:%Y-%m-%d %H:%M} UTC has said all there is to say" if newer else ""


def _span(time: timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    if minutes >= 180:
        return f"{minutes / 60:.0f} hours"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def end_superseded(parts: Parts, run: Run, request: Request, why: str) -> State[Report]:
    """End a run that has nothing to do, before anything is fetched."""
    symbols = [
        Outcome(symbol, parts.origin, request.interval, "", "superseded", reason=why, ended=Ended.SUPERSEDED)
        for symbol in request.symbols
    ]
    engine, ended = open_ledger(parts.ledger, parts.origin), Ended.SUPERSEDED
    keep_run(engine, run.run_id, run.flow, run.now, ended.state_name, why, symbols, datetime.now(UTC))
    explain(parts, run.run_id)
    nothing = Report(parts.origin, request.interval, run.now, run.run_id, parts.lines, notes=(why,))
    return final_state(ended, why, nothing)
