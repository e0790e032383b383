"""Tests of scheduled runs that begin too late to make sense."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flows.core.request import Request
from flows.lateness import end_superseded, why_superseded
from flows.ledger.runs import begin_run, keep_run
from flows.parts import parts_in_use
from flows.steps import Run
from tests.answers import daily
from tests.slots import DEPLOYMENT, FRIDAY, begun, sentence
from tests.world import World, world


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in which the flows run."""
    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, lambda query: daily(query["symbol"], "2026-11-19")) as made:
        yield made


def superseded(here: World, scheduled_for: datetime, clock: datetime) -> str:
    """Return why a run of a schedule that begins at `clock` has nothing to do."""
    run = Run("late", "forecast-watchlist", clock, clock, scheduled_for=scheduled_for, deployment=DEPLOYMENT)
    with parts_in_use() as parts:
        why = why_superseded(parts, run, clock, timedelta(hours=4))
        request = Request(("IBM", "MSFT"))
        begin_run(here.ledger, begun("late", scheduled_for))
        if why:
            assert end_superseded(parts, run, request, why).name == "Superseded"
    return why


@pytest.mark.parametrize(("hours", "late"), [(4, False), (5, True)])
def test_a_scheduled_run_that_begins_too_late_is_superseded(
    here: World, monkeypatch: pytest.MonkeyPatch, hours: int, late: bool
) -> None:
    """After an outage all missed runs fire: those that make no sense any more end before they fetch anything."""
    monkeypatch.setattr("flows.steps.telling.publish_explanation", lambda *_: None)
    why = superseded(here, FRIDAY, FRIDAY + timedelta(hours=hours))
    assert bool(why) is late
    if late:
        assert f"began {hours} hours later" in why or f"began {hours * 60} minutes later" in why
        assert "MSFT, Friday 2026-11-20: no forecast, because another run or day had taken over" in sentence(
            here, FRIDAY
        )


@pytest.mark.parametrize(
    ("outcome", "late"),
    [("Sent", True), ("Running", False)],
)
def test_a_run_behind_a_newer_one_that_succeeded_is_superseded(
    here: World, monkeypatch: pytest.MonkeyPatch, outcome: str, late: bool
) -> None:
    """A newer run that failed, or has not ended, leaves the older one its turn."""
    monkeypatch.setattr("flows.steps.telling.publish_explanation", lambda *_: None)
    newer = FRIDAY + timedelta(hours=2)
    begin_run(here.ledger, begun("newer", newer))
    if outcome != "Running":
        keep_run(here.ledger, "newer", "forecast-watchlist", newer, outcome, "", [])
    assert bool(superseded(here, FRIDAY, FRIDAY + timedelta(hours=3))) is late


def test_a_run_that_a_person_asked_for_is_never_superseded(here: World) -> None:
    """Without a schedule there is nothing to be late for."""
    run = Run("mine", "forecast-symbol", FRIDAY, FRIDAY, deployment=DEPLOYMENT)
    with parts_in_use() as parts:
        assert why_superseded(parts, run, FRIDAY + timedelta(days=9), timedelta(minutes=1)) == ""
