"""Test that Prefect's server answers while many runs change their states at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.operating.site import Site

SECONDS, WRITERS = 90, 4
LONGEST = 30.0
"""Seconds within which every request has its answer; a connection of SQLite waits up to 60 s for another."""


def change_states(site: Site, path: str, until: float) -> tuple[int, float]:
    """Begin runs and let them end; return how many did, and how many seconds the slowest answer took."""
    ended, slowest = 0, 0.0

    def post(place: str, body: object) -> Any:
        nonlocal slowest
        began = time.monotonic()
        # "Busy" is an answer too: Prefect's client asks again then.
        answer = httpx.post(f"http://127.0.0.1:{site.port}/api/{place}", json=body, timeout=180)
        slowest = max(slowest, time.monotonic() - began)
        return answer.json() if answer.is_success else {}

    while time.monotonic() < until:
        run = post(path, {"parameters": {"symbol": "BUSY"}, "state": {"type": "PENDING"}})
        for state in ("RUNNING", "COMPLETED") if run else ():
            done = post(f"flow_runs/{run['id']}/set_state", {"state": {"type": state}, "force": True})
            ended += state == "COMPLETED" and bool(done)
        post("flow_runs/filter", {"limit": 20})
    return ended, slowest


@pytest.mark.torture
def test_it_answers_while_many_runs_begin_and_end(site: Site) -> None:
    """Nobody waits for half a minute; before the server's garbage had a thread of its own, all did, for a whole one."""
    path = f"deployments/{site.deployment('forecast-symbol/ad-hoc')['id']}/create_flow_run"
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(WRITERS) as pool:
        told = list(pool.map(lambda _: change_states(site, path, until), range(WRITERS)))
    assert min(ended for ended, _ in told) > SECONDS / 6, told
    assert max(slowest for _, slowest in told) < LONGEST, told
