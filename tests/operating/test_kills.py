"""Tests that nothing is lost when server, worker and run are killed."""

import os
import time
from signal import SIGKILL

import pytest

from tests.operating.site import Post, Site, wait_until

ONE, DAILY = "forecast-symbol/ad-hoc", "forecast-watchlist/daily"


def kill_all(site: Site) -> None:
    """Kill the runs, the worker and the server."""
    for pid in (*site.engines(), site.pid("worker"), site.pid("server")):
        os.kill(pid, SIGKILL)


def test_kills_in_the_middle_of_a_run_cost_nothing(site: Site, letters: Post) -> None:
    """Both come back; the next run mails, once; each run is explained."""
    killed = site.begin(ONE, symbol="ORCL")
    site.wait_for_state(killed, "Running")
    wait_until(site.engines, 20, "the run has a process")
    server = site.pid("server")
    kill_all(site)
    wait_until(lambda: site.pid("server") != server and site.answers(), 60, "the server answers again")
    run = site.wait_for_state(site.begin(ONE, symbol="ORCL", contest="cheap"), "Sent", "Nothing new")
    assert len(letters.subjects("ORCL 20")) == 1
    again = site.wait_for_state(site.begin(ONE, symbol="ORCL", contest="cheap"), "Nothing new")
    assert len(letters.subjects("ORCL 20")) == 1
    explained = site.shell("nextclose explain ORCL --json")
    assert explained.returncode == 0, explained.stderr
    assert {run["state"]["type"], again["state"]["type"]} == {"COMPLETED"}
    assert explained.stdout.count("ORCL") >= 3


@pytest.mark.torture
@pytest.mark.timeout(900)
def test_a_night_without_server_and_worker_ends_in_superseded_runs(site: Site, letters: Post) -> None:
    """A schedule of every minute, all killed for three: what was missed ends as Superseded, and one mail goes out."""
    daily = site.deployment(DAILY)
    parameters = {"latest_start_minutes": 1, "symbols": ["SAP", "HPQ"]}
    site.ask("PATCH", f"deployments/{daily['id']}", {"parameters": parameters})
    before = daily["schedules"][0]
    path = f"deployments/{daily['id']}/schedules/{before['id']}"
    site.ask("PATCH", path, {"schedule": {"cron": "* * * * *", "timezone": "Africa/Casablanca"}, "active": True})
    wait_until(lambda: letters.subjects("2 forecasts for"), 150, "the first run has mailed")
    kill_all(site)
    assert site.nextclose("down").returncode == 0
    time.sleep(190)
    assert site.nextclose("up", "--port", str(site.port)).returncode == 0
    only = {"flow_runs": {"state": {"name": {"any_": ["Superseded"]}}}}
    wait_until(lambda: site.post("flow_runs/filter", only), 90, "a run is superseded")
    site.ask("PATCH", path, {"schedule": before["schedule"], "active": True})
    assert len(letters.subjects("2 forecasts for")) == 1
    explained = site.shell("nextclose explain")
    assert "another run or day had taken over" in explained.stdout
