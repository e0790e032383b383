"""Tests of the doctor at a real site: all is well, then one thing after the other is broken."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.operating.site import Site, wait_until

DAILY = "forecast-watchlist/daily"


def told(done: subprocess.CompletedProcess[str]) -> dict[str, tuple[str, str, str]]:
    """Return what the doctor says: state, what was found, and the mend, by name."""
    return {one["name"]: (one["state"], one["found"], one["mend"]) for one in json.loads(done.stdout)}


def doctor(site: Site) -> dict[str, tuple[str, str, str]]:
    """Ask the doctor against the running server."""
    done = site.shell("nextclose doctor --json --offline")
    found = told(done)
    assert done.returncode == int(any(state == "broken" for state, _, _ in found.values())), done.stderr
    return found


def test_a_good_site_is_well(site: Site) -> None:
    """Nothing is broken; that the server asks for no password, and that the broker forgets, is worth a look."""
    found = doctor(site)
    assert [name for name, (state, _, _) in found.items() if state == "broken"] == []
    assert [name for name, (state, _, _) in found.items() if state == "warning"] == ["Prefect server", "Kafka"]
    assert found["next daily run"][1].endswith("15:30 UTC")
    assert found["deployments"][1] == "all 6"
    assert found["alerts"][1].startswith("6 automations")


@contextmanager
def broken(site: Site) -> Iterator[None]:
    """Break what a person can break in the UI, and mend it."""
    daily = site.deployment(DAILY)
    schedule = f"deployments/{daily['id']}/schedules/{daily['schedules'][0]['id']}"
    site.ask("PATCH", schedule, {"active": False})
    site.ask("DELETE", f"deployments/{site.deployment('forecast-watchlist/after-close')['id']}")
    site.ask("PATCH", "work_pools/nextclose", {"is_paused": True})
    before = site.ask("GET", "variables/name/nextclose_watchlist")["value"]
    site.ask("PATCH", "variables/name/nextclose_watchlist", {"value": ["IBM", "IBM.XYZ"]})
    site.supervisor("stop", "worker")
    try:
        yield
    finally:
        site.ask("PATCH", schedule, {"active": True})
        site.ask("PATCH", "work_pools/nextclose", {"is_paused": False})
        site.ask("PATCH", "variables/name/nextclose_watchlist", {"value": before})
        assert site.nextclose("up", "--port", str(site.port)).returncode == 0


@pytest.mark.torture
def test_each_broken_part_is_named_with_its_mend(site: Site) -> None:
    """Pool, deployment, schedule and watchlist; and the worker, once the server has noticed."""
    with broken(site):
        wait_until(lambda: not _online(site), 120, "the server has noticed that the worker is gone")
        found = doctor(site)
    assert found["work pool"] == ("broken", "nextclose is paused: no run begins", "prefect work-pool resume nextclose")
    assert found["deployments"][:2] == ("broken", "missing: forecast-watchlist/after-close")
    assert found["next daily run"][0] == "warning"
    assert found["watchlist"][0] == "broken"
    assert found["worker"][0] == "broken"
    assert all(found[name][2] for name in ("deployments", "next daily run", "watchlist", "worker"))
    assert doctor(site)["deployments"][1] == "all 6"


def _online(site: Site) -> bool:
    return any(worker["status"] == "ONLINE" for worker in site.post("work_pools/nextclose/workers/filter", {}))


def test_a_server_that_does_not_answer_is_named(site: Site) -> None:
    """What can be seen without it is looked at all the same."""
    done = site.shell("PREFECT_API_URL=http://127.0.0.1:9/api nextclose doctor --json --offline")
    state, found, mend = told(done)["Prefect server"]
    assert (done.returncode, state, "make up" in mend) == (1, "broken", True)
    assert "no Prefect server answers at http://127.0.0.1:9/api" in found
    assert told(done)["packages"][0] == "ok"
