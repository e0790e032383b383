"""A trial for each test, and the table of all of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from flows.core.connections import KafkaConnection
from flows.embedded.state import state_directory
from tests.broker.faults.counted import Figures
from tests.broker.faults.sizes import LONG, Size
from tests.broker.faults.trial import Later, Trial, parts_at
from tests.broker.node import ROOT

FIGURES = pytest.StashKey[list[Figures]]()
HEADS = (
    "fault",
    "form",
    "bars sent",
    "acknowledged",
    "on the topic",
    "doubled there",
    "in the ledger",
    "doubled there",
    "seconds",
    "how it ended",
)
Begin = Callable[[str, Size], Trial]


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Iterator[list[Figures]]:
    """The lines of the table; those of long forms are kept in a file."""
    found = pytestconfig.stash.setdefault(FIGURES, [])
    yield found
    long = {line.fault: asdict(line) for line in found if line.size == LONG.name}
    if long:
        place = state_directory(ROOT) / "torture" / "kafka-faults.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        # Of a part of the faults, only their lines are new.
        before = json.loads(place.read_text(encoding="utf-8")) if place.exists() else []
        lines = {**{line["fault"]: line for line in before}, **long}
        place.write_text(json.dumps(list(lines.values()), indent=1) + "\n", encoding="utf-8")


@pytest.fixture
def begin(kafka: KafkaConnection, tmp_path: Path) -> Begin:
    """What begins a trial: topics and a ledger of its own, and nothing in them."""

    def make(fault: str, size: Size) -> Trial:
        return Trial(fault, size, parts_at(kafka, tmp_path / "ledger.db"), size.loads())

    return make


@pytest.fixture
def later() -> Iterator[Later]:
    """What is to be done after a while; all of it is done when the test is over."""
    plan = Later()
    yield plan
    plan.wait()


def pytest_terminal_summary(config: pytest.Config) -> None:
    """Show the table where long forms ran."""
    found = config.stash.get(FIGURES, [])
    if not any(line.size == LONG.name for line in found):
        return
    table = Table(*HEADS, title="Faults on the real broker")
    for line in found:
        table.add_row(*line.words())
    Console(width=200).print(table)
