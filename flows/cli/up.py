"""``nextclose up``: Prefect's server and worker, blocks and deployments, on this machine."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.processes import running, start
from flows.cli.session import say
from flows.core.errors import FixConfiguration, Unreachable
from flows.embedded.state import state_directory

HOST = "127.0.0.1"
SERVER_SECONDS = 120
BROKER_SECONDS = 20
POOL = "nextclose"
EXPORTED = ("PREFECT_API_URL", "PREFECT_HOME", "PYTHONTZPATH", "PREFECT_SERVER_ANALYTICS_ENABLED", "DO_NOT_TRACK")


def up(
    port: Annotated[int, typer.Option(help="The port of Prefect's server and UI.")] = 4200,
) -> None:
    """Start Prefect's server and a worker, deploy the flows, and print the UI's address; safe to repeat."""
    state = state_directory()
    root = _project_root(state)
    environment = _environment(state, port)
    _server(state, root, environment, port)
    env_file = _write_env(state, environment)
    say("nextclose: registering blocks, work pool and deployments …")
    _prefect(environment, root, "block", "register", "-m", "blocks")
    _configure_ledger(environment, root)
    _work_pool(environment, root)
    _prefect(environment, root, "--no-prompt", "deploy", "--all")
    _broker(state, root, environment)
    _worker(state, root, environment)
    print(f"Prefect's UI:  http://{HOST}:{port}")
    print(f"Use it here:   . {env_file}")
    print("A run:         prefect deployment run 'forecast-symbol/ad-hoc' -p symbol=IBM --watch")
    print("Stop it all:   make down")


def _project_root(state: Path) -> Path:
    root = state.parent
    if not (root / "prefect.yaml").exists():
        raise FixConfiguration(
            "up, request: there is no prefect.yaml here. Run `make up` in the folder that nextclose was cloned into"
        )
    return root


def _environment(state: Path, port: int) -> dict[str, str]:
    binaries = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": os.pathsep.join((binaries, os.environ.get("PATH", ""))),
        "PREFECT_HOME": str(state / "prefect"),
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONTZPATH": "",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "nextclose",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "NO_PROXY": ",".join(filter(None, (os.environ.get("NO_PROXY"), HOST, "localhost"))),
    }


def _server(state: Path, root: Path, environment: dict[str, str], port: int) -> None:
    pid_file = state / "run" / "server.pid"
    held = _port_in(state / "env")
    if running(pid_file, "prefect server start"):
        if held not in (None, port):
            raise FixConfiguration(
                f"up, request: the server is running already on port {held}. Use that one, or end it first: make down"
            )
        say("nextclose: the server is running already")
        _wait_for(lambda: _healthy(port), SERVER_SECONDS, "Prefect's server does not answer; try `make down` first")
        return
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex((HOST, port)) == 0:
            raise FixConfiguration(
                f"up, request: port {port} is taken by another program. End it, or choose another port: make up PORT={port + 1}"
            )
    say(f"nextclose: starting Prefect's server on port {port} …")
    log = state / "logs" / "server.log"
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port))
    start(command, pid_file, log, environment, root)
    _wait_for(lambda: _healthy(port), SERVER_SECONDS, f"Prefect's server did not answer; see {log}")


def _port_in(env_file: Path) -> int | None:
    """Return the port that an earlier `up` wrote down."""
    found = re.search(r"PREFECT_API_URL=http://[^:]+:(\d+)/", env_file.read_text()) if env_file.exists() else None
    return int(found[1]) if found else None


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/api/health", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _wait_for(ready: Callable[[], bool], seconds: float, problem: str) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            raise Unreachable(f"up, request: {problem}")
        time.sleep(0.2)


def _prefect(environment: dict[str, str], root: Path, *words: str) -> None:
    command = (sys.executable, "-m", "prefect", *words)
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise FixConfiguration(f"up, request: `prefect {' '.join(words)}` failed:\n{done.stdout}{done.stderr}")


def _work_pool(environment: dict[str, str], root: Path) -> None:
    if not _exists(environment, root, "work-pool", POOL):
        _prefect(environment, root, "work-pool", "create", POOL, "--type", "process")


def _exists(environment: dict[str, str], root: Path, kind: str, name: str) -> bool:
    """Say whether Prefect knows a thing of this kind and name."""
    inspect = (sys.executable, "-m", "prefect", kind, "inspect", name)
    return subprocess.run(inspect, env=environment, cwd=root, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own words


def _configure_ledger(environment: dict[str, str], root: Path) -> None:
    """Store the ledger's absolute path and the watchlist where nobody has: worker and command line share both."""
    code = "from flows.cli.configure import begin; begin()"
    subprocess.run((sys.executable, "-c", code), env=environment, cwd=root, check=True)  # noqa: S603 - our own words


def _broker(state: Path, root: Path, environment: dict[str, str]) -> None:
    """Hold one embedded broker for all runs, in case no kafka block is there."""
    from flows.embedded.broker import ADDRESS_FILE, running_broker

    pid_file = state / "run" / "broker.pid"
    if running(pid_file, "flows.embedded.broker") or _exists(environment, root, "block", "kafka-cluster/kafka"):
        return
    log = state / "logs" / "broker.log"
    start((sys.executable, "-m", "flows.embedded.broker", str(state / ADDRESS_FILE)), pid_file, log, environment, root)
    _wait_for(
        lambda: running_broker(state) is not None, BROKER_SECONDS, f"the embedded broker did not start; see {log}"
    )


def _worker(state: Path, root: Path, environment: dict[str, str]) -> None:
    pid_file = state / "run" / "worker.pid"
    if running(pid_file, "prefect worker start"):
        return
    say("nextclose: starting the worker …")
    command = (sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process")
    start(command, pid_file, state / "logs" / "worker.log", environment, root)


def _write_env(state: Path, environment: dict[str, str]) -> Path:
    lines = [f"export {name}={shlex.quote(environment[name])}" for name in EXPORTED]
    lines.append(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"')
    file = state / "env"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
