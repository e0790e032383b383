"""The doctor's look at Prefect: server, work pool, worker, deployments, the next scheduled run, automations."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL

from flows.core.checks import Check
from flows.deploying import POOL, deployed, workers_online
from flows.misfires import fires_at

UP = "make up (or nextclose deploy, on a server of your own)"
EXPECTED = (
    "forecast-watchlist/daily",
    "forecast-watchlist/after-close",
    "forecast-watchlist/ad-hoc",
    "forecast-symbol/ad-hoc",
    "stream-forecasts/live",
    "evaluate-models/weekly",
)
DAILY = EXPECTED[0]
SECONDS = 10.0
SKEW = timedelta(minutes=1)


def check_server() -> list[Check]:
    """Look at the server in use, and at everything that runs need on it."""
    address = PREFECT_API_URL.value()
    if not address:
        found = "none is running: each command starts one for itself, and nothing runs by itself"
        return [Check("Prefect server", "warning", found, "make up")]
    there = deployed(EXPECTED)
    with get_client(sync_client=True) as client:
        return [
            *_address(address),
            _pool(client),
            _worker(),
            *_deployments(there),
            *_schedule(client, there.get(DAILY)),
            _automations(client),
        ]


def _address(address: str) -> list[Check]:
    """Ask what nobody should be told without a password."""
    response = httpx.post(f"{address}/block_documents/filter", json={"limit": 1}, timeout=SECONDS)
    found = [Check("Prefect server", "ok", f"answers at {address}")]
    if response.is_success:
        mend = 'Set PREFECT_SERVER_API_AUTH_STRING before make up, as the README\'s "Protect the server" says'
        told = "asks for no password: whoever reaches its port can read every block's secrets"
        found.append(Check("Prefect server", "warning", told, mend))
    told_at = response.headers.get("Date")
    off = parsedate_to_datetime(told_at) - datetime.now(UTC) if told_at else timedelta(0)
    if abs(off) > SKEW:
        mend = "Set both clocks: timedatectl set-ntp true"
        found.append(Check("clock", "broken", f"the server's differs by {off.total_seconds():.0f} seconds", mend))
    return found


def _pool(client: SyncPrefectClient) -> Check:
    try:
        pool = client.read_work_pool(POOL)
    except ObjectNotFound:
        return Check("work pool", "broken", f"there is no {POOL}", UP)
    if pool.is_paused:
        return Check("work pool", "broken", f"{POOL} is paused: no run begins", f"prefect work-pool resume {POOL}")
    return Check("work pool", "ok", f"{POOL} ({pool.type})")


def _worker() -> Check:
    names = workers_online()
    if names:
        return Check("worker", "ok", ", ".join(names))
    return Check(
        "worker", "broken", "none is running, so no run begins", f"make up, or prefect worker start --pool {POOL}"
    )


def _deployments(there: dict[str, DeploymentResponse]) -> list[Check]:
    missing = [name for name in EXPECTED if name not in there]
    found = [Check("deployments", "broken", f"missing: {', '.join(missing)}", UP)] if missing else []
    lost = {place for one in there.values() for place in _places(one) if not Path(place).is_dir()}
    if lost:
        told = f"the code is expected in {', '.join(sorted(lost))}, which is not on this machine"
        found.append(Check("deployments", "warning", told, f"If the project was moved: {UP}"))
    return found or [Check("deployments", "ok", f"all {len(EXPECTED)}")]


def _places(found: DeploymentResponse) -> list[str]:
    steps = found.pull_steps or []
    name = "prefect.deployments.steps.set_working_directory"
    return [str(step[name].get("directory", "")) for step in steps if name in step]


def _schedule(client: SyncPrefectClient, daily: DeploymentResponse | None) -> list[Check]:
    if daily is None:
        return []
    active = [one.schedule for one in daily.schedules if one.active]
    if daily.paused or not active:
        mend = "Switch its schedule on, on its page in Prefect's UI; leave it if that of after-close is on instead"
        return [Check("next daily run", "warning", f"{DAILY} has no active schedule", mend)]
    times = _next_runs(client, daily)
    if not times:
        mend = (
            "Look at it again in a minute; then at .nextclose/logs/server.log, and at sqlalchemy's version (packages)"
        )
        return [Check("next daily run", "broken", "the server has scheduled none", mend)]
    crons = [schedule for schedule in active if isinstance(schedule, CronSchedule)]
    wrong = [time for time in times if crons and not any(fires_at(cron, time) for cron in crons)]
    if wrong:
        told = f"{wrong[0]:%Y-%m-%d %H:%M} UTC, which is not when it should be: the server's time-zone data is old"
        mend = "Update tzdata where the server runs, or start it with PYTHONTZPATH set to nothing, as make up does"
        return [Check("next daily run", "broken", told, mend)]
    return [Check("next daily run", "ok", f"{times[0]:%A %Y-%m-%d %H:%M} UTC")]


def _next_runs(client: SyncPrefectClient, daily: DeploymentResponse) -> Sequence[datetime]:
    scheduled = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])))
    runs = client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[daily.id])),
        flow_run_filter=scheduled,
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=10,
    )
    times = [run.expected_start_time for run in runs if run.auto_scheduled]
    return [time for time in times if time is not None and time > datetime.now(UTC)]


def _automations(client: SyncPrefectClient) -> Check:
    names = [found.name for found in client.read_automations() if found.name.startswith("nextclose ") and found.enabled]
    if names:
        return Check("alerts", "ok", f"{len(names)} automations mail when something goes wrong")
    mend = "Name SMTP_HOST, MAIL_FROM and MAIL_TO, then nextclose configure and make up"
    return Check("alerts", "warning", "no automation mails when something goes wrong", mend)
