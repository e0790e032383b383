"""Tests that the same bars give the same forecast to the last bit, in any process."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from flows.core.models import MODELS
from tests.core.said import said

ROOT = Path(__file__).parents[2]
SOME = ("arima", "auto-arima", "ets", "theta", "random-forest", "xgboost")
LONG = (pytest.mark.torture, pytest.mark.timeout(1_200))


def said_elsewhere(names: Sequence[str], bars: int, seed: str, threads: str) -> dict[str, object]:
    """Return what a process of its own says, with another order of its sets and another number of threads."""
    program = [sys.executable, "-m", "tests.core.said", str(bars), *names]
    chosen = {"PYTHONHASHSEED": seed, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)}
    done = subprocess.run(program, cwd=ROOT, env={**os.environ, **chosen}, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("names", "bars"),
    [(SOME, 60), pytest.param(tuple(MODELS), 60, marks=LONG), pytest.param(tuple(MODELS), 300, marks=LONG)],
)
def test_another_process_says_the_same(names: tuple[str, ...], bars: int) -> None:
    """Neither the seed of its hashes nor the number of its threads changes a bit."""
    assert said(names, bars) == said_elsewhere(names, bars, "4711", "2")


@pytest.mark.torture
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(("seed", "threads"), [("0", "1"), ("1", "2"), ("random", "4")])
def test_several_processes_say_the_same(seed: str, threads: str) -> None:
    """Whatever their number of threads and their seeds, all models together say the same."""
    assert said(tuple(MODELS), 130) == said_elsewhere(tuple(MODELS), 130, seed, threads)


@pytest.mark.parametrize("names", [("arima", "ets"), pytest.param(tuple(MODELS), marks=LONG)], ids=str)
def test_a_second_run_says_the_same(names: tuple[str, ...]) -> None:
    """Nothing is remembered from one run to the next."""
    assert said(names, 60) == said(names, 60)
