"""Tests of where reading goes on, whatever has happened to the topic meanwhile."""

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.core.positions import Beginning, Extent, Stored, beginning

TOPIC, HERE, ID = "nextclose.bars.v1", "cluster-1", "id-1"
extents = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda two: Extent(min(two), max(two)))
topics = st.dictionaries(st.integers(0, 3), extents, max_size=4)
ids = st.sampled_from(["", ID, "id-0"])


@st.composite
def memories(draw: st.DrawFn) -> list[Stored]:
    """Draw what was read before, each partition of a cluster at most once."""
    places = draw(st.sets(st.tuples(st.sampled_from([HERE, "cluster-0"]), st.integers(0, 4)), max_size=6))
    return [Stored(cluster, draw(ids), p, draw(st.integers(0, 60))) for cluster, p in sorted(places)]


def begun(
    known: Mapping[int, int], held: Mapping[int, Extent], *, cluster: str = HERE, topic_id: str = ID, now: str = ID
) -> Beginning:
    """Return where to begin, after these offsets of one topic on one cluster."""
    stored = [Stored(cluster, topic_id, partition, offset) for partition, offset in known.items()]
    return beginning(TOPIC, HERE, now, stored, held)


def test_without_a_memory_all_is_read_and_nothing_said() -> None:
    """A first reading begins where each partition does, also where that is not 0."""
    assert Beginning({0: 0, 1: 7}) == begun({}, {0: Extent(0, 5), 1: Extent(7, 9)})


def test_reading_goes_on_where_it_ended() -> None:
    """Also at the very first and the very last place."""
    held = {0: Extent(0, 5), 1: Extent(2, 9), 2: Extent(3, 3), 3: Extent(4, 9)}
    assert Beginning({0: 5, 1: 2, 2: 3, 3: 6}) == begun({0: 5, 1: 2, 2: 3, 3: 6}, held)


@pytest.mark.parametrize(("before", "now"), [("", ID), (ID, ""), ("", "")])
def test_an_unknown_topic_id_says_nothing(before: str, now: str) -> None:
    """Older rows of the ledger, and the embedded broker, know none."""
    assert Beginning({0: 3}) == begun({0: 3}, {0: Extent(0, 5)}, topic_id=before, now=now)


def test_a_new_partition_is_read_from_its_beginning() -> None:
    """Somebody has raised the number of partitions; the old ones go on."""
    assert Beginning({0: 3, 1: 0}) == begun({0: 3}, {0: Extent(0, 5), 1: Extent(0, 4)})


def test_a_partition_that_is_gone_is_left_alone() -> None:
    """What is remembered of it begins nothing."""
    assert Beginning({0: 3}) == begun({0: 3, 1: 4}, {0: Extent(0, 5)})


def test_another_cluster_is_read_from_its_beginning_and_named() -> None:
    """Offsets of one cluster mean nothing on another."""
    found = begun({0: 3, 1: 4}, {0: Extent(1, 5), 1: Extent(0, 9)}, cluster="cluster-0")
    assert found.starts == {0: 1, 1: 0}
    (note,) = found.notes
    assert note == f"{TOPIC} was read on another cluster before (now {HERE}): it is read from its beginning"


def test_who_comes_back_to_a_cluster_goes_on_there() -> None:
    """What was read elsewhere meanwhile changes nothing."""
    stored = [Stored("cluster-0", "id-0", 0, 9), Stored(HERE, ID, 0, 3)]
    assert Beginning({0: 3}) == beginning(TOPIC, HERE, ID, stored, {0: Extent(0, 5)})


def test_a_topic_made_anew_is_read_from_its_beginning_and_named() -> None:
    """Also when it holds more records than before, where no offset would tell."""
    found = begun({0: 3, 1: 4}, {0: Extent(0, 500), 1: Extent(2, 900)}, topic_id="id-0")
    assert found.starts == {0: 0, 1: 2}
    (note,) = found.notes
    assert note == f"{TOPIC} was deleted and made anew since it was read last: it is read from its beginning"


def test_a_topic_cut_behind_what_was_read_is_read_from_its_beginning_and_named() -> None:
    """Each such partition is named with both numbers; the others go on."""
    found = begun({0: 8, 1: 4}, {0: Extent(1, 5), 1: Extent(0, 9)})
    assert found.starts == {0: 1, 1: 4}
    (note,) = found.notes
    assert "partition 0, ends at offset 5, although it was read up to 8" in note


def test_records_lost_before_they_were_read_are_counted() -> None:
    """Retention ran over them: reading goes on with the first that is left."""
    found = begun({0: 3, 1: 4}, {0: Extent(7, 9), 1: Extent(4, 9)})
    assert found.starts == {0: 7, 1: 4}
    (note,) = found.notes
    assert "partition 0, has lost offsets 3 to 6 before they were read" in note
    assert "retention.ms=-1" in note


def test_each_partition_is_named_in_order() -> None:
    """Several things may have happened at once."""
    found = begun({0: 3, 1: 9, 2: 1}, {2: Extent(5, 5), 1: Extent(0, 5), 0: Extent(7, 9)})
    assert found.starts == {0: 7, 1: 0, 2: 5}
    assert [note.split()[2] for note in found.notes] == ["0,", "1,", "2,"]


@given(memories(), topics, ids)
@example([Stored(HERE, "", 0, 5)], {0: Extent(9, 9)}, ID)
def test_every_start_lies_within_its_partition(stored: list[Stored], held: dict[int, Extent], topic_id: str) -> None:
    """Whatever was remembered, reading can begin there; every partition has a start, and none but those."""
    starts = beginning(TOPIC, HERE, topic_id, stored, held).starts
    assert set(held) == set(starts)
    assert all(extent.first <= starts[p] <= extent.end for p, extent in held.items())


@given(memories(), topics, ids)
def test_nothing_unread_is_skipped_unless_it_is_said(
    stored: list[Stored], held: dict[int, Extent], topic_id: str
) -> None:
    """Reading begins at what was read up to, or earlier; where records are gone, a note names their offsets."""
    found = beginning(TOPIC, HERE, topic_id, stored, held)
    same = {s.partition: s.next_offset for s in stored if s.cluster == HERE and {s.topic_id, topic_id} != {ID, "id-0"}}
    for p, extent in held.items():
        unread = same.get(p, extent.first)
        lost = f"partition {p}, has lost offsets {unread} to {extent.first - 1} "
        assert found.starts[p] <= unread or any(lost in note or "made anew" in note for note in found.notes)
    if not found.notes:
        assert {p: same.get(p, extent.first) for p, extent in held.items()} == found.starts


@given(memories(), topics, ids)
def test_what_was_said_once_is_not_said_again(stored: list[Stored], held: dict[int, Extent], topic_id: str) -> None:
    """Once the starts are remembered, the same topic goes on from there without a word."""
    found = beginning(TOPIC, HERE, topic_id, stored, held)
    elsewhere = [s for s in stored if s.cluster != HERE]
    now = [Stored(HERE, topic_id, p, start) for p, start in found.starts.items()]
    if held:
        assert Beginning(found.starts) == beginning(TOPIC, HERE, topic_id, [*elsewhere, *now], held)
