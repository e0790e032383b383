"""Whether ledger and topic tell the same about every forecast, and whether each was there before its target closed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from flows.core.bars import SeriesId
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


def compare(kept: Sequence[Kept], on_topic: Sequence[OnTopic]) -> Verdict:
    """Compare the ledger's forecasts with those on the topic.

    Args:
        kept: What the ledger holds.
        on_topic: What the topic holds of this ledger, in the order of offsets within each partition.
    """
    first: dict[str, OnTopic] = {}
    for record in on_topic:
        first.setdefault(record.issued.forecast_id, record)
    proven, unprovable, findings = [], [], [*_changed_on_topic(on_topic, first)]
    for one in kept:
        found = list(_against(one, first.get(one.issued.forecast_id)))
        findings += found
        why = _why_unprovable(one.issued, first.get(one.issued.forecast_id))
        if not found and why:
            unprovable.append(Unprovable(one.issued.name, why))
        elif not found:
            proven.append(one.issued.name)
    known = {one.issued.forecast_id for one in kept}
    findings += [found for key, record in first.items() if key not in known for found in _unknown(record)]
    findings += [found for chain in _chains(on_topic) for found in _breaks(chain)]
    return Verdict(tuple(proven), tuple(unprovable), tuple(findings))


def _against(one: Kept, record: OnTopic | None) -> Iterator[Finding]:
    name = one.issued.name
    if record is None:
        if one.record_hash is not None:
            yield Finding("missing", name, "it stands in the ledger, but not on the topic")
        return
    differences = _differences(one.issued, record.issued)
    if differences:
        yield Finding("altered", name, f"ledger and topic differ: {differences}")
    elif one.record_hash not in (None, record.record_hash):
        yield Finding("altered", name, "the hash in the ledger is not that of the record on the topic")
    yield from _back_dated(record)


def _differences(ledger: Issued, topic: Issued) -> str:
    pairs = zip(Issued._fields, ledger, topic, strict=True)
    return ", ".join(
        f"{name} is {here} in the ledger and {there} on the topic" for name, here, there in pairs if here != there
    )


def _back_dated(record: OnTopic) -> Iterator[Finding]:
    issued = record.issued
    if (
        record.by_broker
        and not issued.backfill
        and not issued.given_now
        and record.written_at >= issued.target_closes_at
    ):
        yield Finding(
            "back-dated",
            issued.name,
            f"the broker got it at {record.written_at:%Y-%m-%d %H:%M:%S} UTC, after its target had closed at "
            f"{issued.target_closes_at:%Y-%m-%d %H:%M} UTC, although it says that it was issued at "
            f"{issued.issued_at:%Y-%m-%d %H:%M:%S} UTC",
        )


def _unknown(record: OnTopic) -> Iterator[Finding]:
    yield Finding("missing", record.issued.name, f"it stands on the topic ({record.where}), but not in the ledger")
    yield from _back_dated(record)


def _why_unprovable(issued: Issued, record: OnTopic | None) -> str | None:
    if record is None:
        return UNCHAINED
    if issued.backfill:
        return BACKFILL
    if issued.given_now:
        return GIVEN_NOW
    return None if record.by_broker else PRODUCERS_TIME


def _changed_on_topic(on_topic: Sequence[OnTopic], first: dict[str, OnTopic]) -> Iterator[Finding]:
    for record in on_topic:
        original = first[record.issued.forecast_id]
        if record.record_hash != original.record_hash:
            what = f"the topic has it twice with different contents ({original.where}, and {record.where})"
            yield Finding("altered", record.issued.name, what)


def _chains(on_topic: Iterable[OnTopic]) -> list[list[OnTopic]]:
    """Return the records of each series in the order in which they were written, repeats left out."""
    chains: dict[SeriesId, dict[str, OnTopic]] = defaultdict(dict)
    for record in on_topic:
        series = SeriesId(record.issued.origin, record.issued.symbol, record.issued.interval)
        chains[series].setdefault(record.record_hash, record)
    return [list(chain.values()) for chain in chains.values()]


def _breaks(chain: list[OnTopic]) -> Iterator[Finding]:
    before: OnTopic | None = None
    hashes = {record.record_hash for record in chain}
    for record in chain:
        expected = before.record_hash if before else None
        previous = record.issued.previous
        if previous != expected:
            gone = previous is not None and previous not in hashes
            what = (
                f"the forecast before it, of hash {previous}, is not on the topic"
                if gone
                else "it does not follow the forecast that stands before it on the topic"
            )
            yield Finding("missing" if gone else "chain", record.issued.name, f"{what} ({record.where})")
        before = record
