"""Whether ledger and topic tell the same about every forecast, and whether each was there before its target closed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from flows.core.bars import Origin, SeriesId
from flows.core.issued import Issued, Kept, OnTopic

Kind = Literal["altered", "missing", "back-dated", "chain", "mail"]


class Finding(NamedTuple):
    """Something that does not fit."""

    kind: Kind
    forecast: str
    """Which forecast it is about; empty where it is about none that is known."""
    what: str


class Unprovable(NamedTuple):
    """A forecast about which nothing can be proved, and why."""

    forecast: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of comparing."""

    proven: tuple[str, ...]
    """The forecasts that stand on the topic as in the ledger, written there before their target closed."""
    unprovable: tuple[Unprovable, ...]
    findings: tuple[Finding, ...]


GIVEN_NOW = "its run was told what instant to play at, so that its time of issue is not the clock's"
BACKFILL = "it is a backfill: made after its target had closed, or for a past instant"
UNCHAINED = "it was recorded before forecasts were chained"
PRODUCERS_TIME = (
    "the topic's times are the producer's and not the broker's: message.timestamp.type should be LogAppendTime"
)
FORGOTTEN = "it was published to an embedded broker, which keeps nothing"
ELSEWHERE = "it was published on another cluster or topic than the one that was read"
NOT_YET = "its run was interrupted before it was published; the next run makes up for it"


@dataclass(frozen=True, slots=True)
class Place:
    """What was read, and when."""

    cluster: str
    topic: str
    now: datetime
    before: frozenset[str] | None = None
    """The forecasts that the ledger held before the topic was read; all of them where it is None."""


def compare(kept: Sequence[Kept], on_topic: Sequence[OnTopic], place: Place) -> Verdict:
    """Compare the ledger's forecasts with those on the topic.

    Args:
        kept: What the ledger held after the topic was read.
        on_topic: What the topic holds of this ledger, in the order of offsets within each partition.
        place: What was read, and when.
    """
    first: dict[str, OnTopic] = {}
    for record in on_topic:
        first.setdefault(record.issued.forecast_id, record)
    proven, unprovable, findings = [], [], [*_changed_on_topic(on_topic, first)]
    for one in kept:
        there = first.get(one.issued.forecast_id)
        why = _why_absent(one, place) if there is None else _why_unprovable(there)
        found = [] if there is None and why else list(_against(one, there))
        findings += found
        if not found and why:
            unprovable.append(Unprovable(one.issued.name, why))
        elif not found:
            proven.append(one.issued.name)
    known = {one.issued.forecast_id for one in kept}
    findings += [found for key, record in first.items() if key not in known for found in _unknown(record)]
    findings += _breaks(on_topic, {str(one.record_hash): one.issued for one in kept if _is_elsewhere(one, place)})
    return Verdict(tuple(proven), tuple(unprovable), tuple(findings))


def _is_elsewhere(one: Kept, place: Place) -> bool:
    return one.topic_offset is not None and (one.cluster, one.topic) != (place.cluster, place.topic)


def _why_absent(one: Kept, place: Place) -> str | None:
    """Return why a forecast need not be on the topic; None if it has to be."""
    if one.record_hash is None and not one.issued.place:
        return UNCHAINED
    if _is_elsewhere(one, place):
        return ELSEWHERE
    interrupted = one.topic_offset is None and place.now < one.issued.target_closes_at
    recent = place.before is not None and one.issued.forecast_id not in place.before
    return NOT_YET if interrupted or recent else None


def _why_unprovable(record: OnTopic) -> str | None:
    issued = record.issued
    if issued.backfill:
        return BACKFILL
    if _was_given_now(issued):
        return GIVEN_NOW
    return None if record.by_broker else PRODUCERS_TIME


def _was_given_now(issued: Issued) -> bool:
    # On live data the time of issue is the clock's all the same.
    return issued.given_now and issued.origin is not Origin.LIVE


def _against(one: Kept, record: OnTopic | None) -> Iterator[Finding]:
    name = one.issued.name
    if record is None:
        yield Finding("missing", name, "it stands in the ledger, but not on the topic")
        return
    differences = _differences(one.issued, record.issued)
    if differences:
        yield Finding("altered", name, f"ledger and topic differ: {differences}")
    elif one.record_hash != record.record_hash:
        yield Finding("altered", name, "the hash in the ledger is not that of the record on the topic")
    yield from _back_dated(record)


def _differences(ledger: Issued, topic: Issued) -> str:
    pairs = zip(Issued._fields, ledger, topic, strict=True)
    return ", ".join(
        f"{name} is {here} in the ledger and {there} on the topic" for name, here, there in pairs if here != there
    )


def _back_dated(record: OnTopic) -> Iterator[Finding]:
    issued = record.issued
    if _why_unprovable(record) is None and record.written_at >= issued.target_closes_at:
        yield Finding(
            "back-dated",
            issued.name,
            f"the broker got it at {record.written_at:%Y-%m-%d %H:%M:%S} UTC, after its target had closed at "
            f"{issued.target_closes_at:%Y-%m-%d %H:%M} UTC, although it says that it was issued at "
            f"{issued.issued_at:%Y-%m-%d %H:%M:%S} UTC: nothing proves that it was made before",
        )


def _unknown(record: OnTopic) -> Iterator[Finding]:
    yield Finding("missing", record.issued.name, f"it stands on the topic ({record.where}), but not in the ledger")
    yield from _back_dated(record)


def _changed_on_topic(on_topic: Sequence[OnTopic], first: dict[str, OnTopic]) -> Iterator[Finding]:
    for record in on_topic:
        original = first[record.issued.forecast_id]
        if record.record_hash != original.record_hash:
            what = f"the topic has it twice with different contents ({original.where}, and {record.where})"
            yield Finding("altered", record.issued.name, what)


def _breaks(on_topic: Iterable[OnTopic], elsewhere: Mapping[str, Issued]) -> Iterator[Finding]:
    """Find records whose predecessor is not there, or has another successor already."""
    records = {record.record_hash: record for record in reversed(tuple(on_topic))}
    known = {**elsewhere, **{key: record.issued for key, record in records.items()}}
    followed: dict[tuple[SeriesId, str | None], OnTopic] = {}
    for record in sorted(records.values(), key=lambda record: (record.written_at, record.offset)):
        issued = record.issued
        before = known.get(str(issued.previous))
        if issued.previous is not None and before is None:
            what = f"the forecast before it, of hash {issued.previous}, is not on the topic ({record.where})"
            yield Finding("missing", issued.name, what)
        elif issued.place != (before.place if before else 0) + 1:
            yield Finding("chain", issued.name, f"its number is not that of its predecessor and one ({record.where})")
        other = followed.setdefault((SeriesId(issued.origin, issued.symbol, issued.interval), issued.previous), record)
        if other is not record:
            what = f"it names the same forecast before it as another one does ({other.where}, and {record.where})"
            yield Finding("chain", issued.name, what)
