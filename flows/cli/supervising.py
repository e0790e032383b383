"""What ``nextclose up`` leaves running, held by supervisord, which starts again what dies."""

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from flows.cli.processes import running, stop
from flows.core.errors import Unreachable

LONGEST_SOCKET = 100
"""Bytes: the kernel takes no longer path of a socket."""
PATIENCE = 75.0
MARK = "supervisor.supervisord"
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "server": ("-m", "flows.embedded.prefect_server", "--host", "127.0.0.1"),
    "broker": ("-m", "flows.embedded.broker"),
    "worker": ("-m", "prefect", "worker", "start", "--pool", "nextclose", "--type", "process"),
}
"""What Python is told for each; `write_settings` adds what differs from place to place."""

_HEAD = """\
[supervisord]
logfile={state}/logs/supervisord.log
pidfile={state}/run/supervisord.pid
childlogdir={state}/logs
identifier=nextclose

[unix_http_server]
file={socket}

[supervisorctl]
serverurl=unix://{socket}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
_PROGRAM = """
[program:{name}]
command=/bin/sh -c {line}
directory={root}
autostart=false
autorestart=true
startsecs=3
startretries=100
stopasgroup=true
killasgroup=true
stopwaitsecs=20
redirect_stderr=true
stdout_logfile={state}/logs/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def write_settings(state: Path, root: Path, more: Mapping[str, tuple[str, ...]]) -> None:
    """Write supervisord's settings; `more` has further words for a program."""
    for folder in ("run", "logs"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    text = _HEAD.format(state=_plain(state), socket=_plain(_socket(state)))
    for name, words in PROGRAMS.items():
        command = shlex.join((sys.executable, *words, *more.get(name, ())))
        # A process that supervisord has lost is found by its pid.
        line = f"echo $$ >{shlex.quote(str(state / 'run' / name))}.pid && exec {command}"
        text += _PROGRAM.format(name=name, line=_plain(shlex.quote(line)), root=_plain(root), state=_plain(state))
    _settings(state).write_text(text, encoding="utf-8")


def _plain(text: object) -> str:
    """Return a text in which supervisord sees no variables."""
    return str(text).replace("%", "%%")


def _settings(state: Path) -> Path:
    return state / "run" / "supervisord.conf"


def _socket(state: Path) -> Path:
    near = state / "run" / "supervisord.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET:
        return near
    return Path(tempfile.gettempdir()) / f"nextclose-{sha256(os.fsencode(state)).hexdigest()[:16]}.sock"


def supervised(state: Path) -> bool:
    """Say whether supervisord runs for this folder."""
    return running(state / "run" / "supervisord.pid", MARK) is not None


def begin_supervision(state: Path, environment: Mapping[str, str]) -> None:
    """Start supervisord, which starts nothing by itself."""
    command = (sys.executable, "-m", MARK, "-c", str(_settings(state)))
    subprocess.run(command, env=dict(environment), cwd=state, check=True, capture_output=True)  # noqa: S603 - our own words
    _wait_until_answering(state)


def _wait_until_answering(state: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not control(state, "pid").strip().isdigit():
        if time.monotonic() > until:
            raise Unreachable(f"up, request: supervisord did not start; see {state / 'logs' / 'supervisord.log'}")
        time.sleep(0.1)


def control(state: Path, *words: str) -> str:
    """Tell supervisord something; return what it says."""
    command = (sys.executable, "-m", "supervisor.supervisorctl", "-c", str(_settings(state)), *words)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=state)  # noqa: S603 - our own words
    return done.stdout


def start(state: Path, name: str) -> None:
    """Start a program, unless it runs."""
    said = control(state, "start", name)
    if "started" not in said:  # "server: started", or "server: ERROR (already started)"
        raise Unreachable(f"up, request: the {name} did not start ({said.strip()}); see {state / 'logs' / name}.log")


def end(state: Path) -> list[str]:
    """End supervisord and all that it holds, and what an earlier one has lost; return the names of what had run."""
    ran = [name for name in reversed(tuple(PROGRAMS)) if running(*_known_by(state, name)) is not None]
    stop(state / "run" / "supervisord.pid", MARK, PATIENCE)
    for name in reversed(tuple(PROGRAMS)):
        stop(*_known_by(state, name))
    _socket(state).unlink(missing_ok=True)
    return ran


def _known_by(state: Path, name: str) -> tuple[Path, str]:
    """Return a program's pid file, and what stands in its command line."""
    return state / "run" / f"{name}.pid", " ".join(PROGRAMS[name][1:4])
