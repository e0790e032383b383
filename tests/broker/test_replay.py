"""Tests of making forecasts again from the bars topic, on the real broker."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from flows import steps
from flows.core.bars import Interval, Origin, SeriesId
from flows.core.calendars import calendar_of
from flows.core.connections import KafkaConnection
from flows.core.forecast import Forecast
from flows.core.recipe import ContestKind, Recipe
from flows.ledger.replays import recorded_all
from flows.parts import Parts
from flows.replaying import Replay, replay, topic_of
from flows.steps import Run
from flows.steps.forecasting import history_at
from flows.steps.recipes import recipe_for
from flows.stream.bar_codec import encode_bar
from flows.stream.produce import Outgoing
from flows.stream.records import BAR_SCHEMA
from flows.stream.topics import BARS
from tests.broker.house import a_bar_of, ledger_of, parts_on, sessions

SERIES = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)
DAYS = sessions(105)


@pytest.fixture
def parts(kafka: KafkaConnection, tmp_path: Path) -> Parts:
    """A ledger and topics of this test's own, with 100 bars sent and read."""
    made = parts_on(kafka, tmp_path)
    receive(made, 0, 100)
    return made


def receive(parts: Parts, first: int, last: int, revision: int = 0) -> None:
    """Send bars, and read them into the ledger."""
    bars = [a_bar_of("IBM", DAYS[number], number + 5 * revision, revision) for number in range(first, last)]
    records = [Outgoing("IBM", encode_bar(bar)) for bar in bars]
    receipt = steps.streaming.send(parts, BARS, records, BAR_SCHEMA, "run", "IBM, produce")
    steps.consume(parts, [receipt], "run")


def forecast(parts: Parts, as_of: str) -> Forecast:
    """Make and record a forecast after a bar."""
    slot = calendar_of("IBM").slot_after(date.fromisoformat(as_of))
    now = datetime.now(UTC)
    engine = ledger_of(parts)
    how, _ = recipe_for(parts, SERIES, slot, Recipe(contest=ContestKind.CHEAP), now)
    made = steps.forecast(history_at(engine, SERIES, slot, now).used, slot, how)
    return steps.record(parts, made, Run("run", "test", now, now), backfill=False)


def replays(parts: Parts, *, from_kafka: bool = True) -> list[Replay]:
    """Make every forecast again."""
    engine = ledger_of(parts)
    found = recorded_all(engine)
    topic = topic_of(parts, found) if from_kafka else None
    return [replay(engine, one, topic) for one in found]


def alter(parts: Parts, statement: str) -> None:
    """Change the ledger behind its back."""
    with ledger_of(parts).begin() as connection:
        assert connection.execute(text(statement)).rowcount >= 1


def test_the_topic_gives_the_same_forecasts_and_names_an_altered_bar(parts: Parts) -> None:
    """Up to the offsets of then: later bars and corrections play no part; a bar that differs is shown side by side."""
    forecast(parts, DAYS[99])
    receive(parts, 100, 102)
    forecast(parts, DAYS[101])
    receive(parts, 50, 51, revision=1)
    receive(parts, 102, 105)
    assert [found.differences for found in replays(parts)] == [()] * 2
    alter(parts, f"UPDATE bars SET close = close + 1, checksum = NULL WHERE time = '{DAYS[30]}'")  # noqa: S608 - our own day
    assert all("--from-kafka compares" in found.differences[0] for found in replays(parts, from_kafka=False))
    assert all(
        f"the bar of {DAYS[30]} (revision 0) is" in found.differences[0] and "in the ledger" in found.differences[0]
        for found in replays(parts)
    )


def test_offsets_of_another_cluster_are_said(parts: Parts) -> None:
    """The row of a forecast may tell of a topic that is not this one."""
    forecast(parts, DAYS[99])
    alter(parts, """UPDATE forecasts SET bars_read = '{"topic": "x", "read": []}'""")
    (found,) = replays(parts)
    assert (found.is_same, found.notes) == (
        True,
        ("its row names no offsets on this cluster: all that stands there was read",),
    )
    assert replace(found, differences=("one",)).is_same is False
