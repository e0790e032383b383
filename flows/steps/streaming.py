"""Bars to Kafka, and from there into the ledger."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.core.bars import BarRevision, Origin, revisions_to_send
from flows.core.cleaning import Cleaned
from flows.core.errors import FixConfiguration
from flows.ledger import bars as kept_bars
from flows.ledger.bars import LEDGER, ReadUpTo
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps.run import Run
from flows.stream import codec, topics
from flows.stream.bar_codec import encode_bar
from flows.stream.codec import Poison
from flows.stream.consume import Reading, reading
from flows.stream.produce import Outgoing, Receipt
from flows.stream.reading import gathered
from flows.stream.records import BAR_SCHEMA, QUARANTINE_SCHEMA

KEPT_AT_ONCE = 10
"""Batches that are kept in one transaction."""
_MISPLACED = "say that they are sample data on a topic of other data, or the other way round, and were left out"
TOLD = 5
"""How many records of a batch that are no bars are named one by one."""

_log = logging.getLogger("nextclose")


@dataclass(frozen=True, slots=True)
class Consumed:
    """What was read from the bars topic."""

    bars: int
    notes: tuple[str, ...] = ()


def connect(parts: Parts) -> tuple[str, ...]:
    """Meet the cluster and see to the topics, before anything is fetched; return what is not as it should be."""
    states = topics.ensure_topics(parts.kafka, parts.origin)
    parts.senders.make_ready()
    notes = tuple(
        f"the topic {state.name} has {', '.join(state.differences)}: it is used as it is; `nextclose doctor` says what to do"
        for state in states
        if state.differences
    )
    for note in notes:
        _log.warning("%s", note)
    return notes


def produce(parts: Parts, cleaned: Cleaned, run: Run) -> Receipt:
    """Publish the bars that the ledger does not hold, and every rejected row."""
    series = cleaned.series
    engine = open_ledger(parts.ledger, parts.origin)
    known = kept_bars.newest_versions(engine, series.id)
    new = revisions_to_send(series, known, cleaned.received_at)
    rejected = [Outgoing(series.symbol, codec.encode_rejected(series.id, found)) for found in cleaned.rejected]
    send(parts, topics.QUARANTINE, rejected, QUARANTINE_SCHEMA, run.run_id, f"{series.symbol}, produce")
    records = [Outgoing(series.symbol, encode_bar(revision)) for revision in new]
    receipt = send(parts, topics.BARS, records, BAR_SCHEMA, run.run_id, f"{series.symbol}, produce")
    _log.info("%s: %d new or revised bars produced", series.symbol, receipt.count)
    return receipt


def send(parts: Parts, topic: str, records: Sequence[Outgoing], schema: str, run_id: str, who: str) -> Receipt:
    """Send records with the headers that every record of ours carries."""
    name = topics.topic_name(topic, parts.kafka, parts.origin)
    if not records:
        return Receipt(name)
    with parts.senders.one(who) as sender:
        return sender.send(name, records, headers_of(parts, schema, run_id))


def headers_of(parts: Parts, schema: str, run_id: str) -> dict[str, str]:
    """Return the headers that every record of ours carries."""
    return {"schema": schema, "origin": str(parts.origin), "run_id": run_id}


def consume(parts: Parts, receipts: Sequence[Receipt], run_id: str) -> Consumed:
    """Read the bars topic up to its end as it is now, and keep the bars together with the offsets."""
    engine = open_ledger(parts.ledger, parts.origin)
    topic = topics.topic_name(topics.BARS, parts.kafka, parts.origin)
    count, poison, strange = 0, 0, 0
    with reading(parts.kafka, topic, kept_bars.stored_offsets(engine, topic)) as opened:
        if parts.kafka.embedded:
            _require_kept(receipts, opened.starts, topic)
        for batch in gathered(opened.batches(), KEPT_AT_ONCE):
            set_aside(parts, batch.poison, run_id)
            ours = of_our_sort(parts, batch.bars)
            kept_bars.keep_bars(engine, ours, read_up_to(parts, opened, batch.next_offsets))
            count += len(ours)
            strange += len(batch.bars) - len(ours)
            poison += len(batch.poison)
    sent = sum(receipt.count for receipt in receipts)
    _log.info("%d bars consumed, %d of them sent by this run", count, sent)
    notes = (f"{poison} records on {topic} are no bars and were put into quarantine",) if poison else ()
    other = (f"{strange} bars on {topic} {_MISPLACED}",) if strange else ()
    return Consumed(count, (*opened.notes, *notes, *other))


def of_our_sort(parts: Parts, bars: Sequence[BarRevision]) -> list[BarRevision]:
    """Return the bars that may stand on this run's topic: sample data and other data never meet in one ledger."""
    sample = parts.origin is Origin.SAMPLE
    ours = [bar for bar in bars if (bar.origin is Origin.SAMPLE) is sample]
    if len(ours) < len(bars):
        _log.warning("%d bars %s", len(bars) - len(ours), _MISPLACED)
    return ours


def read_up_to(parts: Parts, opened: Reading, next_offsets: Mapping[int, int], reader: str = LEDGER) -> ReadUpTo | None:
    """Return the offsets to keep; none of the embedded broker, which forgets its records when it ends."""
    if parts.kafka.embedded:
        return None
    return ReadUpTo(reader, opened.cluster, opened.topic, opened.topic_id, next_offsets)


def set_aside(parts: Parts, poison: Sequence[Poison], run_id: str) -> None:
    """Put records that are no bars into quarantine, before the offsets behind them are kept."""
    for found in poison[:TOLD]:
        _log.warning("%s, partition %d, offset %d: %s", found.topic, found.partition, found.offset, found.reason)
    if len(poison) > TOLD:
        _log.warning("%d more records are no bars; `nextclose quarantine list` shows them", len(poison) - TOLD)
    records = [
        Outgoing(found.key if codec.is_short(found) else None, codec.encode_poison(found, parts.origin))
        for found in poison
    ]
    send(parts, topics.QUARANTINE, records, QUARANTINE_SCHEMA, run_id, "consume, quarantine")


def _require_kept(receipts: Sequence[Receipt], starts: Mapping[int, int], topic: str) -> None:
    """Raise an error if the embedded broker has dropped records of this run already."""
    lost = [
        starts[partition] - first
        for receipt in receipts
        for partition, (first, _) in receipt.offsets.items()
        if starts[partition] > first
    ]
    if lost:
        raise FixConfiguration(
            f"consume: the embedded broker has forgotten up to {max(lost)} records on {topic} that this run sent, for it "
            "keeps 5 MiB a partition. Run fewer symbols at once, or configure a Kafka cluster"
        )
