"""One run of the real flow in a process of its own, which may be killed at any point.

The processes are forked from a server that has imported everything before, and so begin within a tenth of a second.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Literal

import pytest
from prefect import settings
from prefect.settings import temporary_settings
from sqlalchemy.engine.default import DefaultDialect

from flows.core.recipe import ContestKind
from flows.forecast_symbol import forecast_symbol

Side = Literal["before", "after"]
LEDGER = os.path.join("flows", "ledger") + os.sep  # noqa: PTH118 - a part of file names


@dataclass(frozen=True)
class Job:
    """What a run in another process is to do, and where it is to be killed."""

    api: str
    home: Path
    folder: Path
    symbol: str
    now: datetime
    begin_at: float = 0.0
    """The instant, in seconds of the system's clock, at which it begins."""
    kill_at: tuple[int, Side] | None = None
    """Before or after the commit of this number, from 0 on."""
    notes: Path | None = None
    """Where each commit's name is written."""


def run(job: Job) -> None:
    """Run the flow; leave the name of its final state in a file called like the symbol."""
    os.chdir(job.folder)
    chosen: dict[Any, Any] = {
        settings.PREFECT_API_URL: job.api,
        settings.PREFECT_HOME: job.home,
        settings.PREFECT_LOCAL_STORAGE_PATH: job.home / "storage",
        settings.PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        settings.PREFECT_LOGGING_TO_API_ENABLED: False,
        settings.PREFECT_LOGGING_LEVEL: "ERROR",
    }
    with temporary_settings(chosen), _commits(job):
        time.sleep(max(job.begin_at - time.time(), 0))
        state = forecast_symbol(job.symbol, now=job.now, contest=ContestKind.CHEAP, return_state=True)
    (job.folder / f"{job.symbol}-{os.getpid()}.state").write_text(str(state.name), encoding="utf-8")


@contextmanager
def _commits(job: Job) -> Iterator[None]:
    """Note every commit, and die at one of them."""
    original: Callable[[Any, Any], None] = DefaultDialect.do_commit
    count = 0

    def commit(self: Any, connection: Any) -> None:
        nonlocal count
        number, count = count, count + 1
        if job.notes is not None:
            with job.notes.open("a", encoding="utf-8") as file:
                file.write(f"{_function()}\n")
        if job.kill_at == (number, "before"):
            _die()
        original(self, connection)
        if job.kill_at == (number, "after"):
            _die()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DefaultDialect, "do_commit", commit)
        yield


def _function() -> str:
    """Return which of the ledger's functions is committing."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if LEDGER in frame.f_code.co_filename:
            return frame.f_code.co_name
    return "somebody else"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def started(job: Job) -> ForkServerProcess:
    """Start a job in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=run, args=(job,))
    process.start()
    return process


def ended(process: ForkServerProcess, seconds: float = 120.0) -> int:
    """Wait for the end of a job; return its exit code, negative for a signal."""
    process.join(seconds)
    code = process.exitcode
    assert code is not None, "the process hangs"
    process.close()
    return code
