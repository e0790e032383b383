"""The processes that ``nextclose up`` leaves running, each known by its pid file."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 20.0
"""Seconds to end by itself before a process is killed."""


def running(pid_file: Path, mark: str) -> int | None:
    """Return the pid in the file if a process with `mark` in its command line has it."""
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    command = ("ps", "-ww", "-o", "stat=,command=", "-p", str(pid))
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    return pid if mark in shown.stdout and not shown.stdout.startswith("Z") else None


def start(command: Sequence[str], pid_file: Path, log: Path, environment: Mapping[str, str], cwd: Path) -> int:
    """Start a process that outlives this one, in a group of its own; return its pid."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment),
            cwd=cwd,
            start_new_session=True,
        )
    pid_file.write_text(str(process.pid), encoding="ascii")
    return process.pid


def stop(pid_file: Path, mark: str, patience: float = PATIENCE) -> bool:
    """End the process of a pid file and everything it started; say whether there was one."""
    pid = running(pid_file, mark)
    if pid is not None:
        _end_group(pid, patience)
    pid_file.unlink(missing_ok=True)
    return pid is not None


def _end_group(pid: int, patience: float) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return
        if _gone(pid, patience):
            return


def _gone(pid: int, patience: float) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        _reap(pid)
        time.sleep(0.1)
    return False


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
