"""Sending again what was put into quarantine: a record as it came, a source's row as the bar that a person takes it for."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from flows.core.bars import Bar, BarSeries, SeriesId, revisions_to_send
from flows.core.calendars import calendar_of
from flows.core.errors import NextcloseError, RejectData
from flows.core.faults import RawBar, fault_in
from flows.ledger.bars import newest_versions
from flows.ledger.releases import Place, keep_release, released
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps import Run
from flows.steps.streaming import send
from flows.stream.bar_codec import encode_bar
from flows.stream.codec import Headers, original_bytes, original_headers
from flows.stream.produce import Outgoing
from flows.stream.quarantine import Entry, message_at, read_quarantine, value_of
from flows.stream.reading import headers_of
from flows.stream.records import BAR_SCHEMA, Original, QuarantineRecord, Source
from flows.stream.topics import BARS, QUARANTINE, topic_name


class Listed(NamedTuple):
    """A record in quarantine, and when it was sent again."""

    entry: Entry
    released_at: datetime | None


def listed(parts: Parts, symbol: str | None = None) -> list[Listed]:
    """Return what is in quarantine, or what of it names a symbol, oldest first.

    Raises:
        NextcloseError: The topic or the ledger cannot be read.
    """
    sent = released(open_ledger(parts.ledger, parts.origin))
    topic = topic_name(QUARANTINE, parts.kafka, parts.origin)
    entries = (entry for entry in read_quarantine(parts.kafka, topic) if symbol in (None, entry.record.symbol))
    return sorted((Listed(entry, sent.get(place_of(entry))) for entry in entries), key=_age)


def _age(found: Listed) -> tuple[datetime, int, int]:
    return found.entry.put_at, found.entry.partition, found.entry.offset


def place_of(entry: Entry) -> Place:
    """Return where a quarantine record stands."""
    return (entry.cluster, entry.topic, entry.partition, entry.offset)


class Released(NamedTuple):
    """What became of one record that was to be sent again."""

    id: str
    done: bool
    said: str


def release(parts: Parts, run: Run, chosen: Iterable[Listed], *, again: bool = False) -> Iterator[Released]:
    """Send records again, one after the other, and say of each what became of it.

    Args:
        parts: Where Kafka and the ledger are.
        run: Whose name stands on the records.
        chosen: What to send.
        again: Also what was sent again before.
    """
    engine = open_ledger(parts.ledger, parts.origin)
    for entry, released_at in chosen:
        if released_at is not None and not again:
            said = f"was sent again on {released_at:%Y-%m-%d %H:%M} UTC already; --again sends it once more"
            yield Released(entry.id, done=False, said=said)
            continue
        try:
            said = _send(parts, run, engine, entry)
        except NextcloseError as error:
            yield Released(entry.id, done=False, said=str(error))
        else:
            keep_release(engine, place_of(entry), run.now)
            yield Released(entry.id, done=True, said=said)


def _send(parts: Parts, run: Run, engine: Engine, entry: Entry) -> str:
    record = entry.record
    if record.source is not None and record.original is not None:
        return _send_original(parts, entry, record.source, record.original)
    return _send_row(parts, run, engine, record)


def _send_original(parts: Parts, entry: Entry, source: Source, original: Original) -> str:
    outgoing, given = _copied(original) if original.copied else _from_its_place(parts, entry, source, original)
    headers = [*given, ("released_from", f"{entry.topic}/{entry.partition}/{entry.offset}".encode())]
    with parts.senders.one(f"{entry.id}, quarantine") as sender:
        sender.send_again(source.topic, outgoing, list(headers))
    return f"sent again to {source.topic} as it came; the next run reads it, and puts it back if it is still no bar"


def _copied(original: Original) -> tuple[Outgoing, Headers]:
    outgoing = Outgoing(original_bytes(original.key), original_bytes(original.value))
    return outgoing, original_headers(original)


def _from_its_place(parts: Parts, entry: Entry, source: Source, original: Original) -> tuple[Outgoing, Headers]:
    """Return a record that was too large to be copied; raise RejectData if another stands in its place, or none."""
    found = message_at(parts.kafka, source.topic, source.partition, source.offset)
    if found is None or hashlib.sha256(value_of(found)).hexdigest() != original.sha256:
        raise RejectData(
            f"{entry.id}, quarantine: the record was too large to be copied, and is not at {source.topic}, partition "
            f"{source.partition}, offset {source.offset} any more. Nothing was sent"
        )
    key = found.key()
    return Outgoing(key.encode() if isinstance(key, str) else key, value_of(found)), headers_of(found)


def _send_row(parts: Parts, run: Run, engine: Engine, record: QuarantineRecord) -> str:
    series, bar = _bar_in(record)
    known = newest_versions(engine, series)
    alone = BarSeries(series.symbol, series.interval, series.origin, (bar,))
    new = revisions_to_send(alone, known, run.issued_at)
    if not new:
        return "the ledger holds this very bar already; nothing had to be sent"
    records = [Outgoing(series.symbol, encode_bar(revision)) for revision in new]
    send(parts, BARS, records, BAR_SCHEMA, run.run_id, f"{series.symbol}, quarantine")
    return f"sent as the bar of {bar.time}, revision {new[0].revision}; the next run reads it"


def _bar_in(record: QuarantineRecord) -> tuple[SeriesId, Bar]:
    """Return the bar that a row can be taken for; raise RejectData if it can be none."""
    if record.row is None or record.symbol is None or record.interval is None:
        raise RejectData("quarantine: the record holds neither a row nor an original record. Nothing was sent")
    row = RawBar(**record.row)
    found = calendar_of(record.symbol, record.interval).find(record.time or row.time)
    fault = found.fault or found.aside or fault_in(row)
    if fault or found.label is None:
        raise RejectData(
            f"{record.symbol}, quarantine: this row can be no bar: {fault}. Nothing was sent; bring the bar in by "
            "`nextclose import` if you know its true values"
        )
    prices = (float(str(value)) for value in row[1:])
    return SeriesId(record.origin, record.symbol, record.interval), Bar(found.label, *prices)


def chosen_of(found: Sequence[Listed], ids: Sequence[str]) -> tuple[list[Listed], list[str]]:
    """Return the records of these ids, and the ids that there are none of."""
    by_id = {one.entry.id: one for one in found}
    return [by_id[name] for name in ids if name in by_id], [name for name in ids if name not in by_id]
