"""Tests of scheduled runs that begin at a wrong hour."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

from flows.core.request import Request
from flows.core.zones import MEND
from flows.misfires import fault_in_hour, fires_at, planned
from flows.parts import parts_in_use
from flows.steps import Run
from tests.answers import daily
from tests.world import world

CASABLANCA = CronSchedule(cron="30 15 * * *", timezone="Africa/Casablanca")
RIGHT, HOUR_EARLY = datetime(2026, 11, 23, 15, 30, tzinfo=UTC), datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def scheduled(deployment: str | None, scheduled_for: datetime | None) -> Run:
    """Return a run of a deployment's schedule."""
    now = scheduled_for or RIGHT
    return Run("run", "forecast-watchlist", now, now, scheduled_for=scheduled_for, deployment=deployment)


@pytest.fixture
def deployment(prefect: Path) -> str:
    """A deployment with the daily schedule."""
    return deployed(prefect, "at-half-past-three", CASABLANCA)


def deployed(prefect: Path, name: str, *schedules: CronSchedule | IntervalSchedule) -> str:
    """Create a deployment with schedules; return its id."""
    assert prefect.exists()
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name("forecast-watchlist")
        wanted = [DeploymentScheduleCreate(schedule=schedule, active=True) for schedule in schedules]
        return str(client.create_deployment(flow_id, name, schedules=wanted))


@pytest.mark.parametrize(("at", "fires"), [(RIGHT, True), (HOUR_EARLY, False)])
def test_a_schedule_knows_its_times(at: datetime, fires: bool) -> None:
    """By the zone data in use here."""
    assert fires_at(CASABLANCA, at) is fires


def test_a_run_of_a_server_with_old_zone_data_refuses_every_symbol(deployment: str, tmp_path: Path) -> None:
    """Each is a failure with the mend, so that the mail tells it; at the right hour nothing is refused."""
    with world(tmp_path, lambda query: daily(query["symbol"], "2026-11-20")), parts_in_use() as parts:
        request = Request(("IBM", "MSFT"))
        asked, refused = planned(request, parts, scheduled(deployment, HOUR_EARLY), HOUR_EARLY)
        assert (asked, [failure.symbol for failure in refused]) == ([], ["IBM", "MSFT"])
        assert "2026-11-23 14:30 UTC, which is no time of its schedule" in refused[0].reason
        assert "PYTHONTZPATH" in refused[0].reason
        assert refused[0].kind == "configuration"
        asked, refused = planned(request, parts, scheduled(deployment, RIGHT), RIGHT)
        assert ([one.series.symbol for one in asked], refused) == (["IBM", "MSFT"], [])


def test_old_zone_data_here_refuses_scheduled_runs_only(deployment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that a person asked for goes on at any hour."""
    monkeypatch.setattr("flows.misfires.fault_in_zones", lambda: "the time-zone data in use is old")
    assert fault_in_hour(scheduled(deployment, RIGHT)) == f"the time-zone data in use is old. {MEND}"
    assert fault_in_hour(scheduled(deployment, None)) == ""
    assert fault_in_hour(scheduled(None, None)) == ""


def test_other_schedules_are_not_judged(prefect: Path) -> None:
    """An interval has no hour of the day, also beside a cron."""
    every_hour = IntervalSchedule.model_validate({"interval": 3600})
    assert fault_in_hour(scheduled(deployed(prefect, "hourly", every_hour), HOUR_EARLY)) == ""
    assert fault_in_hour(scheduled(deployed(prefect, "both", CASABLANCA, every_hour), HOUR_EARLY)) == ""
