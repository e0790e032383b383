"""Tests of prefect.yaml."""

import yaml
from prefect import Flow
from prefect.client.schemas.objects import StateType
from prefect.flows import load_flow_from_entrypoint
from prefect.server.events.schemas.automations import EventTrigger

from flows.checking.server import EXPECTED
from flows.core.slots import Ended
from tests.operating.site import ROOT

AUTOMATIONS = yaml.safe_load((ROOT / "automations.yaml").read_text(encoding="utf-8"))["automations"]
(SILENT,) = [one["trigger"] for one in AUTOMATIONS if one["name"] == "nextclose run silent"]
DEPLOYMENTS = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


def load(entrypoint: str) -> Flow[..., object]:
    """Load a flow as a worker does."""
    flow: Flow[..., object] = load_flow_from_entrypoint(str(ROOT / entrypoint), use_placeholder_flow=False)
    return flow


def test_every_entrypoint_loads_and_every_parameter_is_described() -> None:
    """No import error hides behind Prefect's fallback, and the run form explains each field."""
    flows = [(deployment["name"], load(deployment["entrypoint"])) for deployment in DEPLOYMENTS]
    assert {f"{flow.name}/{name}" for name, flow in flows} == set(EXPECTED)
    for _, flow in flows:
        assert all(field.get("description") for field in flow.parameters.properties.values())


def test_the_daily_deployment_has_its_cron() -> None:
    """15:30 in Casablanca, every day."""
    (daily_deployment,) = [d for d in DEPLOYMENTS if d["name"] == "daily"]
    (schedule,) = daily_deployment["schedules"]
    assert (schedule["cron"], schedule["timezone"]) == ("30 15 * * *", "Africa/Casablanca")


def test_the_weekly_deployment_has_its_cron() -> None:
    """08:00 in Casablanca on Saturdays, when every exchange is closed; never two at once."""
    (weekly,) = [d for d in DEPLOYMENTS if d["name"] == "weekly"]
    (schedule,) = weekly["schedules"]
    assert (schedule["cron"], schedule["timezone"]) == ("0 8 * * 6", "Africa/Casablanca")
    assert weekly["concurrency_limit"]["limit"] == 1


def test_every_deployment_is_described_tagged_and_limited() -> None:
    """Whoever looks at the list of deployments sees what each is for; none piles up."""
    for deployment in DEPLOYMENTS:
        assert len(deployment["description"]) > 20
        assert "nextclose" in deployment["tags"]
        assert deployment["concurrency_limit"]["collision_strategy"] in {"ENQUEUE", "CANCEL_NEW"}
        assert deployment["enforce_parameter_schema"] is True


def test_a_run_gives_more_signs_of_life_than_the_alarm_waits_for() -> None:
    """Prefect's own three minutes would have every run of more than two taken for lost."""
    for deployment in DEPLOYMENTS:
        frequency = deployment["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]
        assert 3 * int(frequency) < SILENT["within"]


def test_the_alarm_about_a_silent_run_is_ended_by_all_that_a_run_says_but_not_by_its_own_event() -> None:
    """Whatever the run's state is called, by Prefect or by us."""
    trigger = EventTrigger.model_validate(SILENT)
    ours = {ended.state_name for ended in Ended}
    theirs = {kind.value.capitalize() for kind in StateType} | {"AwaitingRetry", "TimedOut", "Late", "Submitting"}
    for said in (*(f"prefect.flow-run.{name}" for name in ours | theirs), *SILENT["after"]):
        assert trigger.expects(said), said
        assert trigger.event_pattern.match(said), said
    assert not trigger.expects("prefect.flow-run.Lost")


def test_every_schedule_has_a_slug() -> None:
    """By it Prefect finds the schedule again, and changes it in place."""
    schedules = [schedule for deployment in DEPLOYMENTS for schedule in deployment.get("schedules", ())]
    assert len({schedule["slug"] for schedule in schedules}) == len(schedules) == 3
