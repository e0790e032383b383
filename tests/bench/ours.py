"""The same work by nextclose's own code, and what only nextclose does."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from prefect_email import EmailServerCredentials

from flows import steps
from flows.core.bars import Bar, BarRevision, BarSeries, Interval, Origin
from flows.core.cleaning import Cleaned
from flows.core.connections import CsvConnection, KafkaConnection, LedgerConnection, MailSettings
from flows.parts import Parts
from flows.steps.streaming import headers_of
from flows.stream.bar_codec import encode_bar
from flows.stream.consume import reading
from flows.stream.produce import Outgoing, Sender
from flows.stream.records import BAR_SCHEMA
from tests.bench.job import Job, answer
from tests.bench.made import RECEIVED, SYMBOLS, sessions

NOW = datetime.fromisoformat(RECEIVED)
RUN = steps.Run("bench", "bench", NOW, NOW)


def parts(job: Job) -> Parts:
    """Return what a run with a file of bars, this cluster and this ledger would use."""
    prefix = job.topic.removesuffix("nextclose.bars.v1")
    kafka = KafkaConnection(job.settings, prefix)
    mail, smtp = MailSettings("a@localhost", ("b@localhost",)), EmailServerCredentials(smtp_server="127.0.0.1")
    return Parts(CsvConnection("/nowhere"), kafka, LedgerConnection(job.url), mail, smtp)


def records(count: int) -> Iterator[Outgoing]:
    """Yield every bar's record."""
    history = [Bar(*numbers) for numbers in sessions(count)]
    for symbol in SYMBOLS:
        for bar in history:
            yield Outgoing(symbol, encode_bar(BarRevision(Origin.CUSTOM, symbol, Interval.DAILY, 0, NOW, bar)))


def produce(job: Job) -> Mapping[str, int]:
    """Send every bar."""
    used = parts(job)
    sender = Sender(used.kafka, "bench")
    receipt = sender.send(job.topic, records(job.sessions), headers_of(used, BAR_SCHEMA, "bench"))
    return {"records": receipt.count}


def consume(job: Job) -> Mapping[str, int]:
    """Read every record up to the ends as they are now."""
    with reading(parts(job).kafka, job.topic, []) as opened:
        count = sum(len(batch.bars) for batch in opened.batches())
    return {"records": count}


def into_ledger(job: Job) -> Mapping[str, int]:
    """Read every record into a new ledger, with the offsets."""
    return {"records": steps.consume(parts(job), (), RUN.run_id).bars}


def second_run(job: Job) -> Mapping[str, int]:
    """Produce the same bars once more, now that the ledger holds them."""
    used = parts(job)
    history = tuple(Bar(*numbers) for numbers in sessions(job.sessions))
    series = (BarSeries(symbol, Interval.DAILY, Origin.CUSTOM, history) for symbol in SYMBOLS)
    sent = sum(steps.produce(used, Cleaned(found, NOW), RUN).count for found in series)
    return {"records": job.sessions * len(SYMBOLS), "sent": sent}


if __name__ == "__main__":
    answer({"produce": produce, "consume": consume, "into_ledger": into_ledger, "second_run": second_run})
