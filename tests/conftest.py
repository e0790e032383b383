"""What all tests share: today's time zones, the limits of property tests, real prices."""

import csv
import gc
import os
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.scheduler import EachScheduling
from xdist.workermanage import WorkerController

from flows.core.bars import Bar, BarSeries, Interval, Origin
from tests.postgres.server import Postgres, a_server

if TYPE_CHECKING:
    from tests.world import World

# Most tests run without a flow, to whose run Prefect would send what is logged.
os.environ["PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW"] = "ignore"
# Looking for garbage in all that the libraries hold costs a twentieth of the time.
gc.set_threshold(100_000, 50, 100)
# The tzdata package must win over the system's data: Morocco's zone changed in 2026.
zoneinfo.reset_tzpath(())

# The same examples every time; `--hypothesis-profile=torture` looks for new ones.
settings.register_profile("steady", max_examples=60, deadline=None, database=None, derandomize=True)
settings.register_profile("torture", max_examples=2_000, deadline=None, database=None)
settings.load_profile("steady")

PRICES = Path(__file__).parents[1] / "flows" / "embedded" / "prices"
SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")


@lru_cache
def real_bars(symbol: str) -> tuple[Bar, ...]:
    """Return the bundled real daily bars of one symbol, oldest first."""
    with (PRICES / f"{symbol}.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return tuple(Bar(time, *map(float, numbers)) for time, *numbers in rows)


def real_series(symbol: str = "IBM", newest: int | None = None) -> BarSeries:
    """Return the newest bundled bars of one symbol as a series."""
    bars = real_bars(symbol)
    return BarSeries(symbol, Interval.DAILY, Origin.SAMPLE, bars[-newest:] if newest else bars)


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One real Prefect server for the whole session, with a home of its own."""
    from tests.prefect_server import prefect_server

    with prefect_server(tmp_path_factory) as home:
        yield home


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["World"]:
    """A world in which the flows run, whose vendor has every bar up to Friday 2026-11-20."""
    from tests.answers import daily
    from tests.world import world

    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, lambda query: daily(query["symbol"], "2026-11-20")) as made:
        yield made


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One real PostgreSQL for the whole session."""
    with a_server() as server:
        yield server


# What a test needs decides where it runs: in this order where all is one process, so that each server is started once.
GROUPS = (
    "nothing", "postgres", "durable", "broker", "disturbed", "prefect", "commanded", "broken", "deployed", "played",
    "secrecy", "browser", "simulated",
)  # fmt: skip
PLACES = {
    "broker/faults": "disturbed",
    "broker": "broker",
    "browser": "browser",
    "cli/test_kafka.py": "durable",
    "core": "nothing",
    "operating": "deployed",
    "publishers": "nothing",
    "secrecy": "secrecy",
    "simulation": "simulated",
    "sources": "nothing",
    "steps": "nothing",
    "test_demo.py": "played",
}
"""Files and folders whose tests all belong to one group; workers of others need not look into them."""
NEEDS = {"bench": "broken", "prefect": "prefect", "kafka": "broker", "postgres": "postgres"}
"""By fixture."""
WORKERS = {
    "nothing": 0, "postgres": 0, "prefect": 1, "broken": 1, "deployed": 2, "broker": 3,
    "disturbed": 4, "played": 4, "browser": 4, "commanded": 5, "durable": 5, "secrecy": 5, "simulated": 5,
}  # fmt: skip
"""By group: the worker of pytest-xdist, modulo their number."""
ELSEWHERE: Mapping[int, Sequence[str]] = {2: (), 3: (), 4: (), 5: ("cli",)}
"""By worker of six: all places besides its own PLACES that it has to look into. Looking costs seconds of a processor."""


def group_of(item: pytest.Item) -> str:
    """Return which group a test belongs to; what needs two servers goes with Prefect's."""
    place = place_of(item.path)
    if place is not None:
        return place
    fixtures = getattr(item, "fixturenames", ())
    given = getattr(item, "callspec", None)
    if given is not None and given.params.get("database") == "postgresql":
        fixtures = (*fixtures, "postgres")
    group = next((group for fixture, group in NEEDS.items() if fixture in fixtures), "nothing")
    return "commanded" if group == "prefect" and item.path.parent.name == "cli" else group


def place_of(path: Path) -> str | None:
    """Return the group that a file belongs to as a whole, if it does."""
    tests = Path(__file__).parent
    return next((group for place, group in PLACES.items() if path.is_relative_to(tests / place)), None)


def is_ours(group: str, config: pytest.Config) -> bool:
    """Say whether this process is the one that runs a group's tests."""
    worker = getattr(config, "workerinput", {"workerid": "gw0", "workercount": 1})
    return str(worker["workerid"]) == f"gw{WORKERS[group] % worker['workercount']}"


def looks_into(path: Path, config: pytest.Config) -> bool:
    """Say whether this process may find tests of its own in a file."""
    group = place_of(path)
    if group is not None:
        return is_ours(group, config)
    worker = getattr(config, "workerinput", {"workerid": "gw0", "workercount": 1})
    places = ELSEWHERE.get(int(worker["workerid"][2:])) if worker["workercount"] == max(WORKERS.values()) + 1 else None
    return places is None or any(path.is_relative_to(Path(__file__).parent / place) for place in places)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files whose tests all run in another process."""
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    return True if is_test and not looks_into(collection_path, config) else None


class Shares(EachScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """Lets each worker run all that it has collected, in its order: its own share."""

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """Take a worker's tests, and tell pytest how many there are in all."""
        super().add_node_collection(node, collection)
        session: pytest.Session = self.config.pluginmanager.get_plugin("session")
        session.testscollected = sum(map(len, self.node2collection.values()))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config) -> Shares:
    """Return what hands out the tests, whatever --dist says."""
    return Shares(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the tests by what they need, and leave out those of other workers.

    No property test may run where Prefect's server has been started: its threads draw random numbers, which Hypothesis
    takes for flakiness.
    """
    for item in items:
        worker, place = WORKERS[group_of(item)], place_of(item.path)
        known = [Path(__file__).parent / folder for folder in ELSEWHERE.get(worker, ())]
        if place is None and worker in ELSEWHERE and not any(map(item.path.is_relative_to, known)):
            raise pytest.UsageError(
                f"{item.nodeid} belongs to worker {worker}, which does not look there: see ELSEWHERE"
            )
    items.sort(key=lambda item: GROUPS.index(group_of(item)))
    items[:] = [item for item in items if is_ours(group_of(item), config)]
