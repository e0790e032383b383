"""A million bars to Kafka and back, beside bare loops, on a real broker of this benchmark's own."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.bench import results
from tests.bench.made import SYMBOLS
from tests.bench.measured import Answer, Bench
from tests.broker.node import start_node

Row = dict[str, Any]

SHARE = 0.6
"""Of the bare loop's rate, for producing and for consuming."""
INTO_LEDGER = 60_000
"""Bars a second."""
MEMORY = 400
"""Megabytes at most, for a million bars."""
BARS = 1_000_000
"""With fewer it is a trial: a process's start weighs too much, so no rate is judged, and no figure written."""


def measure(sessions: int, repeats: int) -> list[str]:
    """Run all measurements, show and write them; return in words which requirements are missed."""
    bars = sessions * len(SYMBOLS)
    with TemporaryDirectory(prefix="nextclose-bench-") as place:
        try:
            node = start_node(Path(place))
        except (pytest.skip.Exception, pytest.fail.Exception) as why:
            return [str(why)]
        try:
            found = Bench(node, Path(place), sessions).everything(repeats)
        finally:
            node.kill()
    beside = [_beside(name, *found[name]) for name in ("produce", "consume")]
    alone = [_alone(name, found[name][0]) for name in ("into_ledger", "second_run")]
    title = f"Kafka: {bars:,} bars, median of {repeats}"
    results.show(f"{title}, beside the bare loop", beside)
    results.show(f"{title}, ours alone", alone)
    if bars < BARS:
        return _sent_again(alone[-1])
    missed = [*_missed(beside, alone), *_sent_again(alone[-1])]
    figures = {"bars": bars, "repeats": repeats, "beside": beside, "alone": alone, "missed": missed}
    results.write("kafka", figures)
    return missed


def _beside(name: str, ours: list[Answer], bare: list[Answer]) -> Row:
    mine, theirs = [_rate(answer) for answer in ours], [_rate(answer) for answer in bare]
    ratios = [one / other for one, other in zip(mine, theirs, strict=True)]
    return {
        "measured": name,
        "ours_per_s": median(mine),
        "bare_per_s": median(theirs),
        "ratio": median(ratios),
        "worst": min(ratios),
        "ours_mb": max(answer["peak_mb"] for answer in ours),
        "imports_mb": max(answer["imports_mb"] for answer in ours),
        "bare_mb": max(answer["peak_mb"] for answer in bare),
        "load": max(answer["load"] for answer in (*ours, *bare)),
    }


def _alone(name: str, ours: list[Answer]) -> Row:
    return {
        "measured": name,
        "per_s": median(map(_rate, ours)),
        "worst_per_s": min(map(_rate, ours)),
        "sent": sum(answer.get("sent", 0) for answer in ours),
        "mb": max(answer["peak_mb"] for answer in ours),
        "imports_mb": max(answer["imports_mb"] for answer in ours),
        "load": max(answer["load"] for answer in ours),
    }


def _rate(answer: Answer) -> float:
    return float(answer["records"] / answer["seconds"])


def _missed(beside: list[Row], alone: list[Row]) -> list[str]:
    kept = alone[0]
    slow = [f"{row['measured']}: {row['ratio']:.0%} of the bare rate" for row in beside if row["ratio"] < SHARE]
    large = [(row["measured"], row.get("ours_mb") or row["mb"]) for row in (*beside, *alone)]
    heavy = [f"{name}: {megabytes:.0f} MB" for name, megabytes in large if megabytes >= MEMORY]
    late = [f"into the ledger: {kept['per_s']:.0f} bars/s"] if kept["per_s"] < INTO_LEDGER else []
    return [*slow, *heavy, *late]


def _sent_again(again: Row) -> list[str]:
    return [f"the second run sent {again['sent']} records"] if again["sent"] else []
