"""The forecasting engine beside the libraries: every method in a process of its own that uses one processor."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from tests.bench import results
from tests.bench.panelled import SYMBOLS
from tests.bench.timed import RANDOM_WALK, Answer, Case

SIZES = (100, 500, 1_000, 3_000)
COMPARED = (100, 500, 3_000)
WALKED = ("S&P 500", RANDOM_WALK)
SERIES = ("S&P 500", "IBM", "MSFT", RANDOM_WALK)
WALKERS = (
    "ours",
    "ours, in a contest",
    "append, no refit",
    "statsforecast, refit",
    "statsforecast, no refit",
)
PANELLED = ("ours", "ours, four models scored", "statsforecast, refit", "statsforecast, no refit")
LOOP = "plain loop"
LIMIT = 900.0
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS")

FASTER, PANEL_FASTER, MEGABYTES = 20_000, 10_000, 1_024
"""How much faster than the plain loop a walk over 3,000 bars is to be, and one over a panel, and what that may take."""
SHARES = {500: 1.5, 3_000: 0.5}
"""What the comparison of all models may take of the plain loop of one, by bars."""

Row = dict[str, Any]


def measure(repeats: int) -> list[str]:
    """Run all measurements, show and write them; return in words which targets are missed."""
    wanted = [(series, count) for series in SERIES for count in (SIZES if series in WALKED else COMPARED)]
    loop = dict(zip(wanted, _ask("walking", LOOP, repeats, wanted)["found"], strict=True))
    walks, panel, (contests, models) = _walks(loop, repeats), _panel(repeats), _contests(loop, repeats)
    title = f"seconds of one processor, median of at least {repeats}"
    results.show(f"Walk-forward of ARIMA(1,1,0), fitted at every origin of the last tenth: {title}", walks)
    results.show(f"Panel of {SYMBOLS:,} symbols x 500 bars x 50 refits: {title}", panel)
    results.show(f"All models compared, beside the plain loop of ARIMA(1,1,0) alone: {title}", contests)
    results.show("What each model takes of it, and how often it is fitted anew in the test window", models)
    missed = _missed(walks, panel, contests)
    figures = {"walks": walks, "panel": panel, "contests": contests, "models": models, "missed": missed}
    results.write("engine", {"repeats": repeats, **figures})
    return missed


def _ask(module: str, what: str, repeats: int, cases: Sequence[Case] = ()) -> Answer:
    """Run one measurement in a process of its own."""
    asked = json.dumps({"what": what, "repeats": repeats, "cases": cases})
    command = (sys.executable, "-m", f"tests.bench.{module}", asked)
    alone, load = {**os.environ, **dict.fromkeys(THREADS, "1")}, results.load()
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT, env=alone)
    assert done.returncode == 0, f"{what}: {done.stderr[-2000:]}"
    answer: Answer = {**json.loads(done.stdout.splitlines()[-1]), "load": load}
    results.CONSOLE.print(f"{module:10} {what:26} {answer['peak_mb']:>6.0f} MB  load {load}")
    return answer


def _walks(loop: dict[Case, Answer], repeats: int) -> list[Row]:
    cases = [case for case in loop if case[0] in WALKED]
    rows = [_walk_row(LOOP, case, loop[case], loop[case], None) for case in cases]
    for what in WALKERS:
        told = _ask("walking", what, repeats, cases)
        rows += [
            _walk_row(what, case, found, loop[case], told["load"])
            for case, found in zip(cases, told["found"], strict=True)
        ]
    return sorted(rows, key=lambda row: (row["series"], row["bars"]))


def _walk_row(what: str, case: Case, found: Answer, loop: Answer, load: float | None) -> Row:
    said, theirs = np.array(found["forecasts"]), np.array(loop["forecasts"])
    return {
        "series": case[0],
        "bars": case[1],
        "measured": what,
        **_beside(found["cpu"], loop["cpu"]),
        "by_the_clock": median(found["wall"]),
        "times": len(found["cpu"]),
        "differs_by": float(np.max(np.abs(said / theirs - 1))),
        "load": load,
    }


def _beside(cpu: list[float], loop: list[float]) -> Row:
    return {
        "seconds": median(cpu),
        "worst": max(cpu),
        "x_loop": median(loop) / median(cpu),
        "worst_x": min(loop) / max(cpu),
    }


def _panel(repeats: int) -> list[Row]:
    loop = _ask("panelled", LOOP, repeats)
    answers = {LOOP: loop, **{what: _ask("panelled", what, repeats) for what in PANELLED}}
    return [_panel_row(what, told, loop) for what, told in answers.items()]


def _panel_row(what: str, told: Answer, loop: Answer) -> Row:
    found = told["found"]
    ours, theirs = (_for_all(one) for one in (found, loop["found"]))
    return {
        "measured": what,
        **_beside(ours, theirs),
        "times": len(ours),
        "symbols_run": found["symbols"],
        "mse_differs_by": float(np.max(np.abs(np.array(found["mse"]) / loop["found"]["mse"] - 1))),
        "peak_mb": told["peak_mb"],
        "imports_mb": told["imports_mb"],
        "load": told["load"],
    }


def _for_all(found: Answer) -> list[float]:
    return [seconds * SYMBOLS / found["symbols"] for seconds in found["cpu"]]


def _contests(loop: dict[Case, Answer], repeats: int) -> tuple[list[Row], list[Row]]:
    cases = [case for case in loop if case[1] in COMPARED]
    told = _ask("contested", "contest", repeats, cases)
    found = dict(zip(cases, told["found"], strict=True))
    rows = [_contest_row(case, one, loop[case], told["load"]) for case, one in found.items()]
    models = [
        {
            "measured": name,
            **{
                f"{series}, {count}": found[series, count]["models"][name]
                for series in SERIES
                for count in COMPARED[1:]
            },
            **{f"refits of {count}": found[SERIES[0], count]["refits"][name] for count in COMPARED},
        }
        for name in found[cases[0]]["models"]
    ]
    return rows, models


def _contest_row(case: Case, found: Answer, loop: Answer, load: float) -> Row:
    ours, theirs = found["cpu"], loop["cpu"]
    return {
        "series": case[0],
        "bars": case[1],
        "contest": median(ours),
        "worst": max(ours),
        "plain_loop": median(theirs),
        "of_loop": median(ours) / median(theirs),
        "worst_of_loop": max(ours) / min(theirs),
        "times": len(ours),
        "load": load,
    }


def _missed(walks: list[Row], panel: list[Row], contests: list[Row]) -> list[str]:
    slow = [
        f"{row['series']}: {row['measured']} {row['x_loop']:,.0f} x the loop, not {FASTER:,} x"
        for row in walks
        if row["measured"].startswith("ours") and row["bars"] == SIZES[-1] and row["x_loop"] < FASTER
    ]
    ours = [row for row in panel if row["measured"].startswith("ours")]
    slow += [f"panel, {row['measured']}: {row['x_loop']:,.0f} x" for row in ours if row["x_loop"] < PANEL_FASTER]
    large = [f"panel, {row['measured']}: {row['peak_mb']:,.0f} MB" for row in ours if row["peak_mb"] >= MEGABYTES]
    return [*slow, *large] + [
        f"{row['series']}: the contest of {row['bars']} bars takes {row['of_loop']:.2f} of the loop"
        for row in contests
        if row["of_loop"] >= SHARES.get(row["bars"], np.inf)
    ]
