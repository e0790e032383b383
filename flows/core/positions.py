"""Where to begin reading a topic: from what was read before, and what the topic has become since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Stored(NamedTuple):
    """How far one partition of a topic was read."""

    cluster: str
    topic_id: str
    """The cluster's own name for this very topic; empty where it was not known."""
    partition: int
    next_offset: int


class Extent(NamedTuple):
    """Which offsets a partition holds: from the first, up to but not including the end."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """For each partition the offset to begin at, and in words what had happened to the topic."""

    starts: Mapping[int, int]
    notes: tuple[str, ...] = field(default=())


def beginning(
    topic: str, cluster: str, topic_id: str, stored: Iterable[Stored], extents: Mapping[int, Extent]
) -> Beginning:
    """Return where to go on reading; whatever cannot be gone on from is read from its beginning, and said.

    Reading twice is harmless, because the ledger keeps each bar once.

    Args:
        topic: The topic's full name.
        cluster: The cluster's id.
        topic_id: The topic's id on the cluster; empty where it is not known.
        stored: How far the topic was read before, on this cluster or another.
        extents: What each partition holds now.
    """
    all_stored = list(stored)
    here = [found for found in all_stored if found.cluster == cluster]
    if all_stored and not here:
        note = f"{topic} was read on another cluster before (now {cluster}): it is read from its beginning"
        return Beginning(_firsts(extents), (note,))
    if any(topic_id and found.topic_id and found.topic_id != topic_id for found in here):
        note = f"{topic} was deleted and made anew since it was read last: it is read from its beginning"
        return Beginning(_firsts(extents), (note,))
    known = {found.partition: found.next_offset for found in here}
    notes = [note for p in sorted(extents) if p in known for note in _said(topic, p, known[p], extents[p])]
    return Beginning({p: _start(known.get(p), extent) for p, extent in extents.items()}, tuple(notes))


def _firsts(extents: Mapping[int, Extent]) -> dict[int, int]:
    return {partition: extent.first for partition, extent in extents.items()}


def _start(known: int | None, extent: Extent) -> int:
    return known if known is not None and extent.first <= known <= extent.end else extent.first


def _said(topic: str, partition: int, known: int, extent: Extent) -> list[str]:
    where = f"{topic}, partition {partition},"
    cut = f"{where} ends at offset {extent.end}, although it was read up to {known}: it was cut or made anew, and is read from its beginning"
    lost = f"{where} has lost offsets {known} to {extent.first - 1} before they were read; its retention should be unlimited (retention.ms=-1)"
    return [cut] if known > extent.end else [lost] if known < extent.first else []
