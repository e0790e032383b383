"""Tests of what a person has set on a server: how it is told from what was deployed."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from prefect.client.orchestration import get_client

from flows.deploying import deployed, digests, full_name, set_by_a_person

FACTS = st.dictionaries(
    st.sampled_from(["tags", "parameters", "schedules", "paused"]), st.integers() | st.lists(st.text())
)


@given(FACTS)
def test_what_was_deployed_last_was_set_by_nobody(facts: dict[str, object]) -> None:
    """Whatever it is."""
    assert set_by_a_person(facts, digests(facts)) == {}


@given(FACTS, st.integers())
def test_what_differs_was_set_by_a_person_and_stays_theirs(facts: dict[str, object], value: int) -> None:
    """Also after a deployment that kept it: the digest of before is handed on."""
    last = digests({**facts, "tags": "as deployed"})
    there = {**facts, "tags": value}
    kept = set_by_a_person(there, last)
    assert kept == {"tags": last["tags"]}
    assert set_by_a_person(there, {**digests(there), **kept}) == kept
    assert set_by_a_person({**there, "tags": "as deployed"}, {**digests(there), **kept}) == {}


def test_without_a_record_everything_is_a_persons() -> None:
    """As after the update from a release that kept none."""
    assert set(set_by_a_person({"tags": [], "paused": False}, {})) == {"tags", "paused"}


def test_a_deployment_is_called_after_its_flow() -> None:
    """As Prefect writes it."""
    wanted = {"name": "ad-hoc", "entrypoint": "flows/forecast_symbol.py:forecast_symbol"}
    assert full_name(wanted) == "forecast-symbol/ad-hoc"


def test_deployments_of_other_projects_are_not_looked_at(prefect: Path) -> None:
    """A shared server has many, also of the same name."""
    assert prefect.exists()
    with get_client(sync_client=True) as client:
        for flow in ("somebody-elses", "forecast-symbol"):
            client.create_deployment(client.create_flow_from_name(flow), "nightly")
    wanted = ("forecast-symbol/nightly", "forecast-symbol/missing")
    assert set(deployed(wanted)) == {"forecast-symbol/nightly"}
