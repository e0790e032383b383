"""Tests of reading prefect.yaml and automations.yaml."""

from pathlib import Path

import pytest
from prefect.events.schemas.automations import AutomationCore

from flows.alarming import automations_in, facts_of
from flows.core.errors import FixConfiguration
from flows.yaml_files import read_list

NEEDS = ("name", "entrypoint")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deployments:\n  - name: [x\n   foo: :", "is not YAML: while parsing .* line 3"),
        ("\x00", "is not YAML"),
        ("", "has no list called deployments"),
        ("- 1", "has no list called deployments"),
        ("deployments: daily", "has no list called deployments"),
        ("deployments: [{name: daily}]", "has no entrypoint in entry 1 of deployments"),
        ("deployments: [{name: a, entrypoint: b}, 7]", "has no name and no entrypoint in entry 2 of deployments"),
    ],
)
def test_a_broken_file_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    """In one sentence, with what to do."""
    file = tmp_path / "prefect.yaml"
    file.write_text(text)
    with pytest.raises(FixConfiguration, match=f"^deploy, request: prefect.yaml {said}.* git checkout prefect.yaml$"):
        read_list(file, "deployments", NEEDS)


def test_a_file_may_be_missing_or_whole(tmp_path: Path) -> None:
    """Without automations.yaml there are none; what is right comes back as it is."""
    assert automations_in(tmp_path / "automations.yaml") == []
    file = tmp_path / "prefect.yaml"
    file.write_text("deployments: [{name: a, entrypoint: b}]")
    assert read_list(file, "deployments", NEEDS) == {"deployments": [{"name": "a", "entrypoint": "b"}]}


def test_an_automation_reads_the_same_in_every_process() -> None:
    """Its events are a set, whose order differs from process to process; what is compared does not."""
    events = [f"prefect.flow-run.{name}" for name in ("Running", "Pending", "Submitting", "heartbeat", "Late", "Lost")]
    trigger = {"type": "event", "posture": "Proactive", "after": events, "expect": events, "within": 60, "threshold": 1}
    made = AutomationCore.model_validate({"name": "any", "trigger": trigger, "actions": [{"type": "do-nothing"}]})
    facts = facts_of(made)["trigger"]
    assert facts["after"] == facts["expect"] == sorted(events)
