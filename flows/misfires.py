"""Scheduled runs that began at another hour than they should, because time-zone data is old: here, or where the server runs."""

import asyncio
from datetime import datetime, timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.schedules import CronSchedule

from flows.core.errors import FixConfiguration
from flows.core.forecast import SymbolFailure, failure_of
from flows.core.request import Asked, Request, plan
from flows.core.zones import MEND, fault_in_zones
from flows.parts import Parts
from flows.steps import Run


def planned(request: Request, parts: Parts, run: Run, clock: datetime) -> tuple[list[Asked], list[SymbolFailure]]:
    """Find each symbol's as-of and target; a scheduled run at the wrong hour refuses all of them."""
    fault = fault_in_hour(run)
    if fault:
        error = FixConfiguration(f"request: {fault}")
        return [], [failure_of(symbol, "request", error, run.now.date().isoformat()) for symbol in request.symbols]
    return plan(request, run.now, clock, parts.origin, parts.source.delay)


def fault_in_hour(run: Run) -> str:
    """Return why a scheduled run's hour is not to be trusted, with the mend; nothing for a run that a person asked for."""
    if run.scheduled_for is None or run.deployment is None:
        return ""
    fault = fault_in_zones()
    if fault:
        return f"{fault}. {MEND}"
    with get_client(sync_client=True) as client:
        schedules = client.read_deployment(run.deployment).schedules
    crons = [found.schedule for found in schedules if isinstance(found.schedule, CronSchedule)]
    if not crons or len(crons) < len(schedules) or any(fires_at(cron, run.scheduled_for) for cron in crons):
        return ""
    told = " or ".join(f"{cron.cron!r} in {cron.timezone or 'UTC'}" for cron in crons)
    return (
        f"Prefect's server fired this run for {run.scheduled_for:%Y-%m-%d %H:%M} UTC, which is no time of its schedule "
        f"({told}): the server's time-zone data is old. {MEND}"
    )


def fires_at(cron: CronSchedule, instant: datetime) -> bool:
    """Say whether a schedule has a run at an instant, by the zone data in use here."""
    return next_times(cron, instant - timedelta(seconds=1), 1) == [instant]


def next_times(cron: CronSchedule, after: datetime, count: int) -> list[datetime]:
    """Return the next times of a schedule, by Prefect's own reckoning and the zone data in use here."""
    from prefect.server.schemas.schedules import CronSchedule as Reckoned

    same = Reckoned(cron=cron.cron, timezone=cron.timezone, day_or=cron.day_or)
    return list(asyncio.run(same.get_dates(count, start=after)))
