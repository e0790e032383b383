"""What the processes share that measure the engine: the series, the clock and the answer."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from flows.core.backtest import contest_origins
from flows.core.bars import Floats
from flows.core.models import Origins
from tests import real_closes
from tests.bench.job import peak_megabytes

RANDOM_WALK = "random walk"
SEED, DAILY = 20_231, 0.01
LONGEST = 3_000
AT_LEAST = 0.3
"""Seconds for which what is quick is repeated."""

Answer = dict[str, Any]
Case = tuple[str, int]
"""A series and how many of its newest closes are known."""


def closes(case: Case) -> Floats:
    """Return the newest closes of one of the eight real series, or of a simulated one."""
    name, count = case
    series = random_walks(1, LONGEST)[0] if name == RANDOM_WALK else real_closes.closes(name)
    return series[-count:].copy()


def random_walks(symbols: int, count: int) -> Floats:
    """Return prices whose log returns are noise, shape (symbols, count)."""
    prices = np.random.default_rng(SEED).normal(0.0, DAILY, (symbols, count))
    np.cumsum(prices, axis=1, out=prices)
    np.exp(prices, out=prices)
    prices *= 100
    return prices


def origins(count: int) -> Origins:
    """Return the last tenth of a series, which every method forecasts."""
    return contest_origins(count, "bench")


def timed(work: Callable[[], object], repeats: int) -> Answer:
    """Do the same `repeats` times, or oftener if that takes no time; return the seconds of a processor and by the clock."""
    cpu: list[float] = []
    wall: list[float] = []
    while len(cpu) < repeats or sum(cpu) < AT_LEAST:
        began, began_wall = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - began_wall)
    return {"cpu": cpu, "wall": wall}


def answer(work: Mapping[str, Callable[[Answer], Answer | list[Answer]]]) -> None:
    """Do what stands on the command line, and print what it found."""
    asked = json.loads(sys.argv[1])
    imports = peak_megabytes()
    found = work[asked["what"]](asked)
    print(json.dumps({"found": found, "peak_mb": peak_megabytes(), "imports_mb": imports}))  # noqa: T201
