"""Tests of prefect.yaml, and of a real server that runs it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml
from prefect import Flow
from prefect.flows import load_flow_from_entrypoint

from flows.core.calendars import calendar_of
from tests.answers import daily
from tests.servers import market

ROOT = Path(__file__).parents[1]
DEPLOYMENTS = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
NAMES = {
    "forecast-watchlist/daily",
    "forecast-watchlist/ad-hoc",
    "forecast-symbol/ad-hoc",
    "stream-forecasts/live",
    "evaluate-models/weekly",
}
COMMAND = (sys.executable, "-m", "flows.cli")


def load(entrypoint: str) -> Flow[..., object]:
    """Load a flow as a worker does."""
    flow: Flow[..., object] = load_flow_from_entrypoint(str(ROOT / entrypoint), use_placeholder_flow=False)
    return flow


def test_every_entrypoint_loads_and_every_parameter_is_described() -> None:
    """No import error hides behind Prefect's fallback, and the run form explains each field."""
    flows = [(deployment["name"], load(deployment["entrypoint"])) for deployment in DEPLOYMENTS]
    assert {f"{flow.name}/{name}" for name, flow in flows} == NAMES
    for _, flow in flows:
        assert all(field.get("description") for field in flow.parameters.properties.values())


def test_the_daily_deployment_has_its_cron() -> None:
    """15:30 in Casablanca, every day."""
    (daily_deployment,) = [d for d in DEPLOYMENTS if d["name"] == "daily"]
    assert daily_deployment["schedules"] == [{"cron": "30 15 * * *", "timezone": "Africa/Casablanca"}]


def test_the_weekly_deployment_has_its_cron() -> None:
    """08:00 in Casablanca on Saturdays, when every exchange is closed; never two at once."""
    (weekly,) = [d for d in DEPLOYMENTS if d["name"] == "weekly"]
    assert weekly["schedules"] == [{"cron": "0 8 * * 6", "timezone": "Africa/Casablanca"}]
    assert weekly["concurrency_limit"]["limit"] == 1


def free_port() -> int:
    """Return a port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Site:
    """A folder with the project in it, whose server is up."""

    def __init__(self, folder: Path, port: int, market_url: str) -> None:
        """Link the project into `folder`."""
        self.folder, self.port = folder, port
        for name in ("flows", "blocks", "prefect.yaml", "pyproject.toml"):
            (folder / name).symlink_to(ROOT / name)
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "KAFKA_", "SMTP_"))
        }
        self.environment = {
            **kept,
            "ALPHAVANTAGE_BASE_URL": market_url,
            "ALPHAVANTAGE_API_KEY": "planted-key-0123456789",
        }

    def nextclose(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command in the folder."""
        return self._run((*COMMAND, *words))

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line in a shell that has read .nextclose/env."""
        return self._run(("sh", "-c", f". .nextclose/env && {line}"))

    def _run(self, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        environment, folder = self.environment, self.folder
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=180
        )

    def post(self, path: str, body: Mapping[str, object]) -> list[dict[str, object]]:
        """Ask the server's API."""
        found: list[dict[str, object]] = httpx.post(f"http://127.0.0.1:{self.port}/api/{path}", json=body).json()
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server, a worker and deployments, made by `nextclose up` as a person would."""
    last = calendar_of("IBM").slot(datetime.now(UTC)).as_of.label
    with market(lambda query: daily(query["symbol"], last)) as server:
        made = Site(tmp_path_factory.mktemp("site"), free_port(), server.url)
        for words in (("configure",), ("up", "--port", str(made.port))):
            done = made.nextclose(*words)
            assert done.returncode == 0, done.stderr
        yield made
        made.nextclose("down")


def test_scheduled_runs_stand_at_1530_and_0800_utc(site: Site) -> None:
    """Morocco keeps UTC all year since September 2026, whatever zone data the system has."""
    only = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    until = time.monotonic() + 30
    found: set[str] = set()
    while len(found) < 2 and time.monotonic() < until:
        time.sleep(1)
        found = {str(run["next_scheduled_start_time"])[11:16] for run in site.post("flow_runs/filter", only)}
    assert found == {"15:30", "08:00"}


def test_an_ad_hoc_run_completes_on_the_worker(site: Site) -> None:
    """The command of the README: request, run on the worker, mail in the outbox."""
    done = site.shell("prefect deployment run 'forecast-symbol/ad-hoc' -p symbol=IBM --watch")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((site.folder / ".nextclose" / "outbox").glob("*.eml"))) == 1
    assert "embedded broker of `make up`" in (site.folder / ".nextclose" / "logs" / "worker.log").read_text()


def test_up_again_is_harmless_and_down_leaves_nothing(site: Site) -> None:
    """A second `up` finds everything running; `down` ends every process of the folder."""
    pids = {path.name: path.read_text() for path in (site.folder / ".nextclose" / "run").glob("*.pid")}
    assert site.nextclose("up", "--port", str(site.port)).returncode == 0
    assert {path.name: path.read_text() for path in (site.folder / ".nextclose" / "run").glob("*.pid")} == pids
    assert site.nextclose("down").returncode == 0
    ps = shutil.which("ps")
    assert ps is not None
    left = subprocess.run([ps, "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout.splitlines()
    alive = {line.split()[0] for line in left if not line.split()[1].startswith("Z")}
    assert not alive & set(pids.values())


def test_a_taken_port_is_named_with_its_mend(site: Site) -> None:
    """Another program on the port: the sentence names it and says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = site.nextclose("up", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
