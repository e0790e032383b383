"""Tests of which bars of a topic had been read when a forecast was made."""

from typing import Any

import pytest

from flows.core.bars import Interval, Origin, SeriesId
from flows.stream.rereading import Placed, Reread, read_then
from tests.ledger.ledgers import a_revision

SERIES = SeriesId(Origin.LIVE, "IBM", Interval.DAILY)
BARS = [a_revision("2026-11-18"), a_revision("2026-11-19"), a_revision("2026-11-20")]
TOPIC = Reread("one", "id", {SERIES: [Placed(2, 7, BARS[0]), Placed(2, 8, BARS[1]), Placed(3, 1, BARS[2])]})


def told(cluster: str = "one", topic_id: str = "id", **ends: int) -> dict[str, Any]:
    """Return what a row says of how far the topic had been read; p2=8 stands for partition 2 up to offset 8."""
    places = ((int(name[1:]), end) for name, end in ends.items())
    return {
        "topic": "bars",
        "read": [
            {"cluster": cluster, "topic_id": topic_id, "partition": partition, "next_offset": end}
            for partition, end in places
        ],
    }


@pytest.mark.parametrize(("ends", "count"), [({"p2": 8}, 1), ({"p2": 9}, 2), ({"p2": 9, "p3": 2}, 3), ({"p3": 2}, 1)])
def test_what_stands_behind_the_recorded_offsets_was_not_read(ends: dict[str, Any], count: int) -> None:
    """Each partition has its own end; one that is not named had not been read at all."""
    found, said = read_then(TOPIC, SERIES, told(**ends))
    assert (len(found), said) == (count, "")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (told("two", p2=8), "no offsets on this cluster"),
        (None, "no offsets on this cluster"),
        (told("one", "another", p2=8), "made anew since"),
    ],
)
def test_offsets_of_another_topic_mean_nothing_here(row: dict[str, Any] | None, words: str) -> None:
    """All that stands there is taken, and that is said."""
    found, said = read_then(TOPIC, SERIES, row)
    assert (found, words in said) == (BARS, True)
