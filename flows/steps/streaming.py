"""Bars to Kafka, and from there into the ledger."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.core.bars import revisions_to_send
from flows.core.cleaning import Cleaned
from flows.core.errors import FixConfiguration
from flows.ledger import bars as kept_bars
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps.run import Run
from flows.stream import codec, topics
from flows.stream.consume import reading
from flows.stream.produce import Outgoing, Receipt
from flows.stream.produce import produce as send_records

_log = logging.getLogger("nextclose")


@dataclass(frozen=True, slots=True)
class Consumed:
    """What was read from the bars topic."""

    bars: int
    notes: tuple[str, ...] = ()


def produce(parts: Parts, cleaned: Cleaned, run: Run) -> Receipt:
    """Publish the bars that the ledger does not hold, and every rejected row."""
    series = cleaned.series
    engine = open_ledger(parts.ledger, parts.origin)
    topics.ensure_topics(parts.kafka, parts.origin)
    known = kept_bars.newest_versions(engine, series.id)
    new = revisions_to_send(series, known, cleaned.received_at)
    rejected = [Outgoing(series.symbol, codec.encode_rejected(series.id, found)) for found in cleaned.rejected]
    send(parts, topics.QUARANTINE, rejected, codec.QUARANTINE_SCHEMA, run, series.symbol)
    records = [Outgoing(series.symbol, codec.encode_bar(revision)) for revision in new]
    receipt = send(parts, topics.BARS, records, codec.BAR_SCHEMA, run, series.symbol)
    _log.info("%s: %d new or revised bars produced", series.symbol, receipt.count)
    return receipt


def send(parts: Parts, topic: str, records: list[Outgoing], schema: str, run: Run, symbol: str) -> Receipt:
    """Send records of one symbol with the headers that every record carries."""
    name = topics.topic_name(topic, parts.kafka, parts.origin)
    if not records:
        return Receipt(name)
    headers = {"schema": schema, "origin": str(parts.origin), "run_id": run.run_id}
    return send_records(parts.kafka, name, records, headers, f"{symbol}, produce")


def consume(parts: Parts, receipts: Sequence[Receipt]) -> Consumed:
    """Read the bars topic up to its end as it is now, and keep the bars together with the offsets."""
    engine = open_ledger(parts.ledger, parts.origin)
    topic = topics.topic_name(topics.BARS, parts.kafka, parts.origin)
    count, poison = 0, 0
    with reading(parts.kafka, topic, kept_bars.stored_offsets(engine, topic)) as pass_over:
        if parts.kafka.embedded:
            _require_kept(receipts, pass_over.starts, topic)
        for batch in pass_over.batches():
            # The embedded broker forgets its records when it ends: offsets into it would mislead the next run.
            offsets = None if parts.kafka.embedded else batch.next_offsets
            kept_bars.keep_bars(engine, batch.bars, cluster=pass_over.cluster, topic=topic, next_offsets=offsets)
            count += len(batch.bars)
            poison += len(batch.poison)
    sent = sum(receipt.count for receipt in receipts)
    _log.info("%d bars consumed, %d of them sent by this run", count, sent)
    return Consumed(count, (f"{poison} records on {topic} are no bars and were passed over",) if poison else ())


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
