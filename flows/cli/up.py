"""``nextclose up``: Prefect's server and worker, blocks, deployments and automations, on this machine."""

import hashlib
import os
import re
import shlex
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.deploy import deploy_files, prepare_server
from flows.cli.session import say
from flows.cli.supervising import begin_supervision, control, end, start, supervised, write_settings
from flows.core.errors import FixConfiguration, Unreachable
from flows.embedded.broker import ADDRESS_FILE, running_broker
from flows.embedded.state import state_directory

HOST = "127.0.0.1"
SERVER_SECONDS = 120
SECONDS = 30
EXPORTED = ("PREFECT_API_URL", "PREFECT_HOME", "PYTHONTZPATH", "PREFECT_SERVER_ANALYTICS_ENABLED", "DO_NOT_TRACK")


def up(
    port: Annotated[int, typer.Option(help="The port of Prefect's server and UI.")] = 4200,
) -> None:
    """Start Prefect's server and a worker, deploy the flows, and print the UI's address; safe to repeat.

    What dies is started again. After an update of nextclose, everything is restarted with the new version.
    """
    state = state_directory()
    root = _project_root(state)
    environment = _environment(state, port)
    write_settings(state, root, _words(state, port))
    _server(state, environment, port)
    env_file = _write_env(state, environment)
    os.environ.update(environment)
    prepare_server()
    _broker(state)
    # Before deploying, so that nobody is alarmed about a missing worker meanwhile.
    start(state, "worker")
    deploy_files(root)
    _wait_for_worker(state)
    print(f"Prefect's UI:  http://{HOST}:{port}")
    print(f"Use it here:   . {shlex.quote(str(env_file))}")
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
    wanted = {
        "PATH": os.pathsep.join((binaries, os.environ.get("PATH", ""))),
        "PREFECT_HOME": str(state / "prefect"),
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONTZPATH": "",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "nextclose",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "NO_PROXY": ",".join(filter(None, (os.environ.get("NO_PROXY"), HOST, "localhost"))),
    }
    # One second instead of fifteen until a run begins, and a fortnight to be seen in the UI instead of three days.
    usual = {"PREFECT_WORKER_QUERY_SECONDS": "1", "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "14"}
    if "PREFECT_SERVER_API_AUTH_STRING" in os.environ:
        usual["PREFECT_API_AUTH_STRING"] = os.environ["PREFECT_SERVER_API_AUTH_STRING"]
    return {**usual, **os.environ, **wanted}


def _words(state: Path, port: int) -> Mapping[str, tuple[str, ...]]:
    return {
        "server": ("--port", str(port)),
        "broker": (str(state / ADDRESS_FILE),),
        "worker": ("--name", f"{socket.gethostname()}-{state.parent.name}"),
    }


def _server(state: Path, environment: Mapping[str, str], port: int) -> None:
    as_now, file = _fingerprint(state, environment), state / "run" / "started"
    if supervised(state):
        _require_same_port(state, port)
        if file.exists() and file.read_text(encoding="ascii") == as_now:
            say("nextclose: the server is running already")
        else:
            say("nextclose: another version, or other settings, since it was started: restarting …")
            end(state)
    if not supervised(state):
        end(state)
        _require_free(port)
        begin_supervision(state, environment)
        file.write_text(as_now, encoding="ascii")
        say(f"nextclose: starting Prefect's server on port {port} …")
    start(state, "server")
    log = state / "logs" / "server.log"
    _wait_for(
        lambda: _healthy(port), SERVER_SECONDS, f"Prefect's server does not answer; see {log}, or try `make down`"
    )


def _fingerprint(state: Path, environment: Mapping[str, str]) -> str:
    """Return a SHA-256 of all that running processes would not notice: code, libraries, settings."""
    digest = hashlib.sha256()
    packages = sorted(f"{found.name}=={found.version}" for found in distributions())
    settings = sorted(f"{name}={value}" for name, value in environment.items() if name.startswith("PREFECT_"))
    sources = sorted(path for folder in ("blocks", "flows") for path in (state.parent / folder).rglob("*.py"))
    files = [state / "run" / "supervisord.conf", state / "prefect" / "profiles.toml", *sources]
    for part in (*packages, *settings, *(path.read_text(encoding="utf-8") for path in files if path.exists())):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def _require_same_port(state: Path, port: int) -> None:
    held = _port_in(state / "env")
    if held not in (None, port):
        raise FixConfiguration(
            f"up, request: the server is running already on port {held}. Use that one, or end it first: make down"
        )


def _port_in(env_file: Path) -> int | None:
    """Return the port that an earlier `up` wrote down."""
    found = re.search(r"PREFECT_API_URL=http://[^:]+:(\d+)/", env_file.read_text()) if env_file.exists() else None
    return int(found[1]) if found else None


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex((HOST, port)) == 0:
            raise FixConfiguration(
                f"up, request: port {port} is taken by another program. End it, or choose another port: make up PORT={port + 1}"
            )


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


def _broker(state: Path) -> None:
    """Hold one embedded broker for all runs, in case no kafka block is there."""
    from blocks import KafkaCluster
    from flows.stored_blocks import stored

    if stored(KafkaCluster, "kafka") is not None:
        control(state, "stop", "broker")
        return
    start(state, "broker")
    log = state / "logs" / "broker.log"
    _wait_for(lambda: running_broker(state) is not None, SECONDS, f"the embedded broker did not start; see {log}")


def _wait_for_worker(state: Path) -> None:
    from flows.deploying import workers_online

    log = state / "logs" / "worker.log"
    _wait_for(lambda: bool(workers_online()), SECONDS, f"the worker did not start; see {log}")


def _write_env(state: Path, environment: Mapping[str, str]) -> Path:
    lines = [f"export {name}={shlex.quote(environment[name])}" for name in EXPORTED]
    lines.append(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"')
    file = state / "env"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
