"""Where the figures go: a table on the screen, and one file for all benchmarks."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from flows.embedded.state import state_directory

CONSOLE = Console(width=None if sys.stdout.isatty() else 170)
HEADINGS = ("engine", "kafka", "waiting")
FILE = "bench.json"
WORDS = ("measured", "series")
SMALL = 0.01
"""What is less is shown by its power of ten."""


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows of the same columns as a table."""
    table = Table(title=title, min_width=60)
    for name in rows[0]:
        table.add_column(name.replace("_", " "), justify="left" if name in WORDS else "right")
    for row in rows:
        table.add_row(*(_shown(value) for value in row.values()))
    CONSOLE.print(table)


def write(heading: str, result: Mapping[str, Any]) -> None:
    """Keep a benchmark's figures under its heading; those of the others stay."""
    file = state_directory() / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    held = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept = {name: held[name] for name in HEADINGS if name in held}
    file.write_text(json.dumps({**kept, heading: result}, indent=2) + "\n", encoding="utf-8")
    CONSOLE.print(f"written to {file}, under {heading}")


def load() -> float:
    """Return how many processes wanted a processor in the last minute."""
    return round(os.getloadavg()[0], 2)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        small = 0 < abs(value) < SMALL
        return f"{value:.1e}" if small else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
