"""Tests of the automations: each trouble is caused, and one mail about it arrives."""

import os
import time
from datetime import UTC, datetime
from signal import SIGKILL

import pytest

from tests.operating.site import Post, Site, wait_until

ONE = "forecast-symbol/ad-hoc"
AFTER_EVENT = 30.0
"""Seconds from Prefect's own event to the mail."""


def alarmed(letters: Post, words: str, seconds: float, before: int = 0) -> None:
    """Wait for one more mail with these words in its subject, and make sure that no second one follows."""
    said = f"a mail about {words!r}; there are {letters.subjects()}"
    wait_until(lambda: len(letters.subjects(words)) > before, seconds, said)
    time.sleep(2)
    assert len(letters.subjects(words)) == before + 1


def test_a_failed_run_is_mailed(site: Site, letters: Post) -> None:
    """Under the name of its state, with what it says."""
    run = site.wait_for_state(site.begin(ONE, symbol="IBM.XYZ"), "Failed")
    alarmed(letters, f"nextclose: {run['name']} failed", AFTER_EVENT)
    (mail,) = [mail for mail in letters.mails if str(mail["Subject"]).startswith(f"nextclose: {run['name']} failed")]
    text = mail.get_content()
    assert "names no exchange" in text
    assert f"/runs/flow-run/{run['id']}" in text


@pytest.mark.parametrize("alive", [1, pytest.param(80, marks=pytest.mark.torture)])
def test_a_crashed_run_is_mailed(site: Site, letters: Post, alive: int) -> None:
    """Its process is killed, the worker tells; while it lives, nobody takes it for lost, however long that is."""
    before = len(letters.subjects("stream crashed"))
    run_id = site.begin("stream-forecasts/live")
    site.wait_for_state(run_id, "Running")
    wait_until(site.engines, 20, "the run has a process")
    time.sleep(alive)
    assert (site.run(run_id)["state"]["name"], letters.subjects("is silent")) == ("Running", [])
    os.kill(site.engines()[0], SIGKILL)
    site.wait_for_state(run_id, "Crashed")
    alarmed(letters, "stream crashed", AFTER_EVENT, before)


def test_a_lost_worker_is_mailed_and_so_are_its_late_and_its_silent_run(site: Site, letters: Post) -> None:
    """The worker, a run on it and one that has not begun yet are killed, and nobody starts the worker again."""
    crashed = letters.subjects("crashed")
    silent = [site.begin("stream-forecasts/live")]
    site.wait_for_state(silent[0], "Running")
    wait_until(site.engines, 20, "the run has a process")
    silent.append(site.begin(ONE, symbol="ORCL"))
    site.wait_for_state(silent[1], "Pending", "Submitting", "Running")
    for pid in (site.pid("worker"), *site.engines()):
        os.kill(pid, SIGKILL)
    site.supervisor("stop", "worker")
    try:
        late = site.begin(ONE, symbol="MSFT", contest="cheap")
        site.wait_for_state(late, "Late")
        alarmed(letters, "is late", AFTER_EVENT)
        alarmed(letters, "no worker", AFTER_EVENT + 10)
        for run in [site.wait_for_state(one, "Lost", seconds=90) for one in silent]:
            alarmed(letters, f"{run['name']} is silent", AFTER_EVENT)
    finally:
        site.supervisor("start", "worker")
    site.wait_for_state(late, "Sent")
    assert letters.subjects("crashed") == crashed


def test_a_day_without_a_daily_run_is_mailed(site: Site, letters: Post) -> None:
    """The window of 26 hours, shortened to ten seconds; a completed run of another deployment does not count."""
    (stored,) = site.post("automations/filter", {"automations": {"name": {"any_": ["nextclose no daily run"]}}})
    found = {name: value for name, value in stored.items() if name not in {"id", "created", "updated"}}
    assert found["trigger"]["within"] == 26 * 3600
    began = datetime.now(UTC)
    site.ask("PUT", f"automations/{stored['id']}", {**found, "trigger": {**found["trigger"], "within": 10}})
    assert site.wait_for_state(site.begin(ONE, symbol="GOOG", contest="cheap"), "Sent")
    wait_until(lambda: letters.subjects("no daily run"), 40, "a mail about it")
    site.ask("PUT", f"automations/{stored['id']}", found)
    assert (datetime.now(UTC) - began).total_seconds() < 10 + AFTER_EVENT
