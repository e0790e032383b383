"""Tests of what a run knows of its schedule."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext

from flows.beginning import schedule

DEPLOYMENT = UUID(int=7)
AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
SCHEDULED: dict[str, Any] = {
    "deployment_id": DEPLOYMENT,
    "auto_scheduled": True,
    "expected_start_time": AT,
    "run_count": 1,
}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (AT, str(DEPLOYMENT))),
        ({"auto_scheduled": False}, (None, str(DEPLOYMENT))),
        ({"run_count": 2}, (None, str(DEPLOYMENT))),
        ({"deployment_id": None}, (None, None)),
    ],
)
def test_only_a_schedules_own_first_attempt_can_be_late(facts: dict[str, Any], expected: object) -> None:
    """A run that a person asked for, or asked for again, was wanted now."""
    run = FlowRun(flow_id=UUID(int=1), **{**SCHEDULED, **facts})
    construct: Any = FlowRunContext.model_construct
    with construct(flow_run=run):
        assert schedule() == expected


def test_outside_a_run_there_is_no_schedule() -> None:
    """Commands have none."""
    assert schedule() == (None, None)
