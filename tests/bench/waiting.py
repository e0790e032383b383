"""The time that a person waits: until a run begins, until a forecast is there, until a module is imported."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from tests.bench import results
from tests.bench.waiting_room import LIMIT, Room, waiting_room
from tests.operating.site import ROOT

Row = dict[str, Any]
Took = tuple[float, float | None]
"""Seconds by the clock, and of a processor where they are known; the latter tell a slow program from a busy machine."""

BEGINS, OVERHEAD, IMPORTED = 5.0, 0.3, 1.5
"""Seconds from a request to Running, of a run beyond its steps, and for the import of an entrypoint."""
CONTESTS = {"recorded": 3.0, "cheap": 3.0, "full": 15.0}
"""Seconds of the whole process of a forecast, beyond what the market takes to answer, by contest."""
ENTRYPOINTS = ("forecast_symbol", "forecast_watchlist", "evaluate_models", "stream_forecasts")
CLOCK = "import time; began = time.perf_counter(); import flows.{}; print(time.perf_counter() - began)"
BARE, PLAIN = "tests.bench.bare_job", "tests.bench.plain_steps"
A_WEEK = timedelta(days=7)


def measure(rounds: int) -> list[str]:
    """Run all measurements, show and write them; return in words which targets are missed."""
    imports = [_imported(name, rounds) for name in ENTRYPOINTS]
    with waiting_room() as room:
        began, runs, to_the_end = _deployed(room, rounds)
        steps = _row("steps as plain functions", _several(rounds, lambda: _plain(room)))
        commands = [_forecast(room, contest, rounds) for contest in CONTESTS]
        bare = _row("bare script, whole process", _several(rounds, lambda: _bare(room)))
    beyond = _beyond(runs, steps)
    for row in (*commands, to_the_end):
        row["x_bare"] = row["seconds"] / bare["seconds"]
    rows = [began, *commands, *imports, beyond, runs, steps, to_the_end, bare]
    shown = [{**row, "x_bare": row.get("x_bare")} for row in rows]
    results.show(f"The time a person waits: seconds by the clock, median of {rounds}", shown)
    missed = [
        f"{row['measured']}: {row['seconds']:.2f} s, not {row['target']} s"
        for row in rows
        if row["target"] is not None and row["seconds"] > row["target"]
    ]
    results.write("waiting", {"rounds": rounds, "waits": shown, "missed": missed})
    return missed


def _row(what: str, took: Sequence[Took], target: float | None = None) -> Row:
    seconds, cpu = [clock for clock, _ in took], [cpu for _, cpu in took if cpu is not None]
    found = {"seconds": median(seconds), "best": min(seconds), "worst": max(seconds), "target": target}
    return {"measured": what, **found, "cpu": median(cpu) if cpu else None, "load": results.load()}


def _several(rounds: int, once: Callable[[], float]) -> list[Took]:
    """Measure once to warm everything up, then as often as wanted."""
    return [_with_cpu(once) for _ in range(rounds + 1)][1:]


def _with_cpu(once: Callable[[], float]) -> Took:
    before = _cpu_of_children()
    return once(), _cpu_of_children() - before


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _imported(name: str, rounds: int) -> Row:
    """Import an entrypoint in fresh interpreters, which find its bytecode compiled."""
    return _row(
        f"import of flows/{name}.py",
        _several(rounds, lambda: float(_python("-c", CLOCK.format(name)).stdout)),
        IMPORTED,
    )


def _python(*words: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, *words)
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=LIMIT)


def _deployed(room: Room, rounds: int) -> tuple[Row, Row, Row]:
    """Run the deployment; return until when it was Running, from then to its end, and all of it."""
    waits: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        asked, run = room.deployed(symbol=room.vendor.fresh(), contest="cheap")
        began, ended = (datetime.fromisoformat(run[name]).timestamp() for name in ("start_time", "end_time"))
        waits += [(began - asked, ended - began)] if number else []
    return (
        _row("request to Running", [(before, None) for before, _ in waits], BEGINS),
        _row("run, from Running to its end", [(during, None) for _, during in waits]),
        _row("request to end of the run", [(sum(both), None) for both in waits]),
    )


def _beyond(runs: Row, steps: Row) -> Row:
    """Return what a run takes beyond its steps."""
    found = {name: runs[name] - steps[name] for name in ("seconds", "best", "worst")}
    return {**runs, **found, "measured": "run beyond its steps", "target": OVERHEAD}


def _plain(room: Room) -> float:
    """Call the steps in a fresh process, as a run has one; its imports are no part of either."""
    said = json.loads(_beside(room, "-m", PLAIN, room.vendor.fresh()).splitlines()[-1])
    assert said["ended"] == "Sent"
    return float(said["seconds"])


def _forecast(room: Room, contest: str, rounds: int) -> Row:
    """Forecast a symbol that is new each time; for a winner on record, one that was evaluated a week ago."""
    symbols = [room.vendor.fresh() for _ in range(rounds + 1)]
    if contest == "recorded":
        room.nextclose("evaluate", *symbols, "--now", (datetime.now(UTC) - A_WEEK).isoformat())
    asked = iter(symbols)
    found = _several(rounds, lambda: _command(room, next(asked), contest))
    return _row(f"nextclose forecast --contest {contest}", found, CONTESTS[contest])


def _command(room: Room, symbol: str, contest: str) -> float:
    room.vendor.seconds, began = 0.0, time.perf_counter()
    done = room.nextclose("forecast", symbol, "--contest", contest)
    seconds = time.perf_counter() - began - room.vendor.seconds
    assert "no winner is on record" not in done.stdout
    return seconds


def _bare(room: Room) -> float:
    began = time.perf_counter()
    _beside(room, "-m", BARE, room.market.url, room.broker, str(room.smtp_port), room.vendor.fresh())
    return time.perf_counter() - began


def _beside(room: Room, *words: str) -> str:
    """Run a process in the site's folder and environment; return what it printed."""
    site = room.site
    done = subprocess.run(
        (sys.executable, *words),
        cwd=site.folder,
        env=site.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert done.returncode == 0, f"{words}: {done.stderr[-2000:]}"
    return done.stdout
