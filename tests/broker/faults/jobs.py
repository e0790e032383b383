"""The product's produce and consume in processes of their own, which may be killed at any point.

The processes are forked from a server that has imported everything before, and holds no client of Kafka.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Literal

from flows import steps
from flows.core.connections import KafkaConnection
from flows.ledger import bars as kept_bars
from flows.steps import streaming
from flows.stream import consume as consuming
from tests.broker.faults.hooks import Count, acknowledgements, calls
from tests.broker.faults.sizes import Size
from tests.broker.faults.trial import RUN, parts_at

NOTE = len("SYM000 2000-01-03\n")
"""Bytes that one acknowledged bar takes in the file of notes."""
POINTS: Mapping[str, tuple[object, str, Literal["before", "after"]]] = {
    "before the quarantine": (streaming, "set_aside", "before"),
    "before the transaction": (kept_bars, "keep_bars", "before"),
    "between bars and offsets": (kept_bars, "keep_offsets", "before"),
    "after the commit": (kept_bars, "keep_bars", "after"),
}
"""Each named point of consuming: the function, and the side of it."""


def produce(kafka: KafkaConnection, ledger: Path, size: Size, notes: Path) -> None:
    """Produce all bars, and note each one in the file as soon as it is acknowledged."""
    parts = parts_at(kafka, ledger)
    with (
        notes.open("ab", buffering=0) as file,
        acknowledgements(lambda key: file.write(f"{key[0]} {key[1]}\n".encode())),
    ):
        for load in size.loads():
            steps.produce(parts, load, RUN)


def consume(kafka: KafkaConnection, ledger: Path, size: Size, point: str = "", number: int = 0) -> None:
    """Consume; be killed when a point is reached for the given time."""
    consuming.BATCH = size.batch
    streaming.KEPT_AT_ONCE = 1
    with _deadly(point, number):
        steps.consume(parts_at(kafka, ledger), (), RUN.run_id)


@contextmanager
def _deadly(point: str, number: int) -> Iterator[None]:
    if not point:
        yield
        return
    place, name, side = POINTS[point]
    with calls(place, name, **{side: Count({number: _die})}):
        yield


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def started(job: Any, *given: object) -> ForkServerProcess:
    """Start a job in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=job, args=given)
    process.start()
    return process


def ended(process: ForkServerProcess) -> int:
    """Wait for the end of a job; return its exit code, negative for a signal."""
    process.join(120)
    code = process.exitcode
    assert code is not None, "the process hangs"
    process.close()
    return code
