"""What one measuring process is told, and what it answers."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

Settings = Mapping[str, str | int | float | bool]
LIMIT = 300.0
"""Seconds that one measurement may take."""


@dataclass(frozen=True, slots=True)
class Job:
    """One measurement."""

    what: str
    topic: str
    sessions: int
    settings: Settings
    """librdkafka's, the same for both sides."""
    url: str = ""
    """The ledger's address."""


def peak_megabytes() -> float:
    """Return the largest size of this process so far.

    `getrusage` would count the size of whoever started it, which `exec` hands down.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def answer(work: Mapping[str, Callable[[Job], Mapping[str, int]]]) -> None:
    """Do the job that stands on the command line, and print how long it took and what it found."""
    job = Job(**json.loads(sys.argv[1]))
    imports, began = peak_megabytes(), time.perf_counter()
    found = work[job.what](job)
    seconds = time.perf_counter() - began
    print(json.dumps({**found, "seconds": seconds, "peak_mb": peak_megabytes(), "imports_mb": imports}))  # noqa: T201


def asked(job: Job) -> str:
    """Return a job as the command line carries it."""
    return json.dumps(asdict(job))
