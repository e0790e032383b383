"""The producing or the consuming process is killed."""

import random
import time
from pathlib import Path

import pytest

from flows.stream.codec import decode_quarantine
from flows.stream.topics import QUARANTINE, topic_name
from tests.broker.faults import jobs
from tests.broker.faults.conftest import Begin
from tests.broker.faults.counted import Figures, Found, bars_topic, records, require_no_offset_without_its_bars, settled
from tests.broker.faults.sizes import LONG, LONG_MARKS, SHORT, SIZES, Size
from tests.broker.faults.trial import Trial
from tests.broker.records import send

KILLED = -9
ANY = "at any moment"


def noted(notes: Path) -> int:
    """Return how many bars are noted as acknowledged."""
    return notes.stat().st_size // jobs.NOTE if notes.exists() else 0


@SIZES
def test_a_killed_producer_is_taken_up_by_the_next(
    size: Size, begin: Begin, tmp_path: Path, figures: list[Figures]
) -> None:
    """Kill -9 when a random number of bars is acknowledged, and again; the run after that sends what is missing."""
    trial, notes = begin("producing process killed", size), tmp_path / "notes"
    trial.connect()
    chance = random.Random(size.bars)  # noqa: S311 - no secret
    for _ in range(size.producer_kills):
        enough = noted(notes) + chance.randrange(size.bars // 2)
        process = jobs.started(jobs.produce, trial.parts.kafka, tmp_path / "ledger.db", size, notes)
        while process.is_alive() and noted(notes) < enough:
            time.sleep(0.001)
        process.kill()
        trial.deaths += jobs.ended(process) == KILLED
    assert trial.deaths > 0
    for line in notes.read_text().splitlines():
        symbol, when = line.split()
        trial.acknowledged.add((symbol, when))
    figures.append(settled(trial, trial.parts.kafka))


@pytest.mark.parametrize(
    ("size", "points"),
    [
        pytest.param(SHORT, (*jobs.POINTS, ANY), id="short"),
        *(pytest.param(LONG, (point,), id=f"long-{point}", marks=LONG_MARKS) for point in (*jobs.POINTS, ANY)),
    ],
)
def test_a_killed_consumer_is_taken_up_by_the_next(
    size: Size, points: tuple[str, ...], begin: Begin, tmp_path: Path, figures: list[Figures]
) -> None:
    """Whichever point it is killed at, the ledger's offsets and bars fit, and the next consumer goes on there."""
    trial = begin(f"consumer killed {', '.join(points)}", size)
    on_topic = fill(trial)
    chance = random.Random(points[0])  # noqa: S311 - no secret
    for point in points * size.consumer_kills:
        process = jobs.started(jobs.consume, trial.parts.kafka, tmp_path / "ledger.db", size, *named(point, chance))
        if point == ANY:
            time.sleep(chance.uniform(0.1, 1.0))
            process.kill()
        trial.deaths += jobs.ended(process) == KILLED
        require_no_offset_without_its_bars(trial.parts, on_topic)
    assert trial.deaths > 0
    trial.consume()
    figures.append(settled(trial, trial.parts.kafka))
    assert in_quarantine(trial) == poison_of(on_topic)


def named(point: str, chance: random.Random) -> tuple[object, ...]:
    """Return where the process kills itself: at a point, the first or the second time; nowhere if it is killed."""
    return () if point == ANY else (point, chance.randint(1, 2))


def fill(trial: Trial) -> list[Found]:
    """Produce all bars with some records between them that are none; return what is on the topic then."""
    trial.connect()
    topic = bars_topic(trial.parts)
    loads, half = trial.loads, len(trial.loads) // 2
    for trial.loads in (loads[:half], loads[half:]):
        trial.produce()
        assert send(trial.parts.kafka, topic, *(f"poison {number}" for number in range(10))) is None
    trial.loads = loads
    return records(trial.parts.kafka, topic)


def poison_of(on_topic: list[Found]) -> set[tuple[int, int]]:
    """Return where the records are that are no bars."""
    return {(found.partition, found.offset) for found in on_topic if found.key is None}


def in_quarantine(trial: Trial) -> set[tuple[int, int]]:
    """Return where the records came from that are in quarantine."""
    topic = topic_name(QUARANTINE, trial.parts.kafka, trial.parts.origin)
    sources = [decode_quarantine(found.value).source for found in records(trial.parts.kafka, topic)]
    return {(source.partition, source.offset) for source in sources if source is not None}
