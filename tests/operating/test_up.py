"""Tests of `nextclose up` and `nextclose deploy`: what stands on the server, and what stays as a person has set it."""

import os
import shutil
import socket
import subprocess
from signal import SIGKILL
from typing import Any

import httpx
import pytest

from tests.operating.site import Post, Site, processes, wait_until

PASSWORD = "admin:planted-password-0123456789"
DAILY, WEEKLY, ONE = "forecast-watchlist/daily", "evaluate-models/weekly", "forecast-symbol/ad-hoc"


def scheduled(site: Site, name: str) -> list[str]:
    """Return when a deployment's next runs are due."""
    only = {
        "deployments": {"id": {"any_": [site.deployment(name)["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        "sort": "EXPECTED_START_TIME_ASC",
        "limit": 10,
    }
    return [str(run["expected_start_time"]) for run in site.post("flow_runs/filter", only)]


def test_the_next_ten_daily_runs_stand_at_1530_utc(site: Site) -> None:
    """Morocco keeps UTC all year since September 2026, whatever zone data the system has."""
    wait_until(lambda: len(scheduled(site, DAILY)) == 10 and scheduled(site, WEEKLY), 40, "ten runs are scheduled")
    assert {time[11:16] for time in scheduled(site, DAILY)} == {"15:30"}
    assert {time[11:16] for time in scheduled(site, WEEKLY)} == {"08:00"}
    assert scheduled(site, "forecast-watchlist/after-close") == []


def test_the_server_looks_for_garbage_elsewhere(site: Site) -> None:
    """It is the one of ours; test_under_load.py shows what that is good for, but takes two minutes."""
    (command,) = [command for pid, _, command in processes() if pid == site.pid("server")]
    assert "flows.embedded.prefect_server" in command


def test_a_run_by_one_command_is_named_tagged_and_mailed(site: Site, letters: Post) -> None:
    """The command of the README: request, run on the worker, mail."""
    done = site.shell(f"prefect deployment run '{ONE}' -p symbol=ibm --watch")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(letters.subjects("IBM 20")) == 1
    (run,) = site.post("flow_runs/filter", {"flow_runs": {"tags": {"all_": ["IBM", "nextclose"]}}})
    assert run["name"].startswith("IBM daily 20")
    assert "→" in run["name"]
    assert run["state"]["name"] == "Sent"
    assert "embedded broker of `make up`" in (site.folder / ".nextclose" / "logs" / "worker.log").read_text()


@pytest.mark.parametrize("wrong", [{"symbol": "I BM"}, {"symbol": ""}, {"symbol": "IBM", "contest": "none"}, {}])
def test_a_wrong_parameter_is_refused_before_a_run_is_created(site: Site, wrong: dict[str, str]) -> None:
    """By the form's own rules, so that no run fails for it."""
    words = " ".join(f"-p {name}='{value}'" for name, value in wrong.items())
    before = site.post("flow_runs/count", {})
    done = site.shell(f"prefect deployment run '{ONE}' {words}")
    assert done.returncode != 0
    assert site.post("flow_runs/count", {}) == before


def theirs(site: Site) -> dict[str, Any]:
    """Return what a person has set in the next test."""
    (automation,) = site.post("automations/filter", {"automations": {"name": {"any_": ["nextclose run late"]}}})
    daily = site.deployment(DAILY)
    return {
        "active": [schedule["active"] for schedule in daily["schedules"]],
        "parameters": daily["parameters"],
        "watchlist": site.ask("GET", "variables/name/nextclose_watchlist")["value"],
        "enabled": automation["enabled"],
    }


def test_what_a_person_has_set_survives_and_the_rest_follows_the_file(site: Site) -> None:
    """A paused schedule, parameters, the watchlist and a switched-off automation stay; an untouched schedule changes."""
    daily = site.deployment(DAILY)
    (automation,) = site.post("automations/filter", {"automations": {"name": {"any_": ["nextclose run late"]}}})
    site.ask("PATCH", f"deployments/{daily['id']}/schedules/{daily['schedules'][0]['id']}", {"active": False})
    site.ask("PATCH", f"deployments/{daily['id']}", {"parameters": {"contest": "cheap"}})
    site.ask("PATCH", "variables/name/nextclose_watchlist", {"value": ["TSCO.LON"]})
    site.ask("PATCH", f"automations/{automation['id']}", {"enabled": False})
    set_by_hand = theirs(site)
    site.edit("prefect.yaml", '"0 8 * * 6"', '"0 9 * * 6"')
    done = site.nextclose("up", "--port", str(site.port))
    assert (done.returncode, theirs(site)) == (0, set_by_hand)
    for told in ("daily: schedules stays", "daily: parameters stays", "run late: enabled stays"):
        assert told in done.stderr
    assert [one["schedule"]["cron"] for one in site.deployment(WEEKLY)["schedules"]] == ["0 9 * * 6"]
    again = site.nextclose("up", "--port", str(site.port))
    assert (again.returncode, theirs(site)) == (0, set_by_hand)
    site.ask("PATCH", f"automations/{automation['id']}", {"enabled": True})


@pytest.mark.torture
def test_what_is_killed_comes_back_with_all_it_knew(site: Site) -> None:
    """The server and the worker, at once: blocks, history and schedules are there, and a run completes."""
    before = _history(site)
    pids = {name: site.pid(name) for name in ("server", "worker")}
    for pid in pids.values():
        os.kill(pid, SIGKILL)
    wait_until(lambda: all(site.pid(name) != pid for name, pid in pids.items()), 60, "both are started again")
    wait_until(site.answers, 60, "the server answers")
    assert before <= _history(site)
    assert len(scheduled(site, WEEKLY)) == 10
    assert site.wait_for_state(site.begin(ONE, symbol="AAPL"), "Sent")["state"]["name"] == "Sent"


def _history(site: Site) -> set[str]:
    """Return the ids of all runs and blocks."""
    return {str(one["id"]) for kind in ("flow_runs", "block_documents") for one in site.post(f"{kind}/filter", {})}


def test_a_taken_port_is_named_with_its_mend(site: Site) -> None:
    """Another port than the running server's, and a port of another program: the sentence says what to do."""
    done = site.nextclose("up", "--port", str(site.port + 1))
    assert done.returncode == 1
    assert f"running already on port {site.port}" in done.stderr


@pytest.mark.torture
def test_a_server_with_a_password_does_all_of_it(site: Site, letters: Post) -> None:
    """A run is mailed and an alarm too; without the password nobody is told anything. The next test takes it off."""
    site.environment["PREFECT_SERVER_API_AUTH_STRING"] = PASSWORD
    site.environment["PREFECT_API_AUTH_STRING"] = PASSWORD
    done = site.nextclose("up", "--port", str(site.port))
    try:
        assert done.returncode == 0, done.stderr
        refused = httpx.post(f"http://127.0.0.1:{site.port}/api/block_documents/filter", json={}, timeout=10)
        assert refused.status_code == 401
        for symbol, words in (("CSCO", "CSCO 20"), ("ODD.XYZ", "nextclose: ODD.XYZ daily failed")):
            site.shell(f"prefect deployment run '{ONE}' -p symbol={symbol} --watch")
            wait_until(lambda words=words: letters.subjects(words), 30, words)  # type: ignore[misc]
        found = site.shell("nextclose doctor --offline")
        assert "asks for no password" not in found.stdout
        locked_out = site.shell("PREFECT_API_AUTH_STRING= nextclose doctor --offline")
        assert "export PREFECT_API_AUTH_STRING" in locked_out.stdout
    finally:
        del site.environment["PREFECT_SERVER_API_AUTH_STRING"], site.environment["PREFECT_API_AUTH_STRING"]


def test_down_leaves_nothing_and_up_respects_other_programs(site: Site) -> None:
    """Every process of the folder has ended; a port of another program is named."""
    assert site.nextclose("up", "--port", str(site.port)).returncode == 0
    pids = {path.read_text().strip() for path in (site.folder / ".nextclose" / "run").glob("*.pid")}
    assert len(pids) == 4
    assert site.nextclose("down").returncode == 0
    ps = shutil.which("ps")
    assert ps is not None
    left = subprocess.run([ps, "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout.splitlines()
    alive = {line.split()[0] for line in left if not line.split()[1].startswith("Z")}
    assert not alive & pids
    with socket.create_server(("127.0.0.1", site.port)):
        done = site.nextclose("up", "--port", str(site.port))
    assert (done.returncode, f"port {site.port} is taken" in done.stderr) == (1, True)
