"""Records, and a look at a topic that shares no code with ours."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Consumer, Message, TopicPartition
from hypothesis import strategies as st

from flows.core.bars import Bar, BarRevision, Interval, Origin
from flows.core.connections import KafkaConnection
from flows.core.issued import Issued, issued
from flows.core.request import SYMBOL
from flows.core.stamps import stamp
from flows.stream.bar_codec import encode_bar
from flows.stream.produce import Outgoing, Receipt, Sender
from tests.core.examples import a_forecast

DEAD = KafkaConnection(
    {"bootstrap.servers": "127.0.0.1:1", "delivery.timeout.ms": 300, "socket.timeout.ms": 300, "log_level": 0},
    secrets=("planted-password",),
)
"""Nobody listens on this port."""


def produce(
    connection: KafkaConnection, topic: str, records: Iterable[Outgoing], headers: Mapping[str, str], who: str
) -> Receipt:
    """Send records by a sender of their own."""
    return Sender(connection, who).send(topic, records, headers)


prices = st.floats(min_value=1e-6, max_value=1e12)
volumes = st.floats(min_value=0, max_value=1e15)
symbols = st.from_regex(SYMBOL, fullmatch=True)
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@st.composite
def bars(draw: st.DrawFn, interval: Interval) -> Bar:
    """Draw a bar whose numbers can be true together, its time one of the interval's form."""
    low, one, other, high = sorted(draw(prices) for _ in range(4))
    opened, closed = draw(st.permutations([one, other]))
    time = draw(st.dates()).isoformat() if interval.minutes is None else stamp(draw(instants))
    return Bar(time, opened, high, low, closed, draw(volumes))


@st.composite
def _revisions(draw: st.DrawFn) -> BarRevision:
    interval = draw(st.sampled_from(Interval))
    return BarRevision(
        origin=draw(st.sampled_from(Origin)),
        symbol=draw(symbols),
        interval=interval,
        revision=draw(st.integers(0, 10_000)),
        received_at=draw(instants),
        bar=draw(bars(interval)),
    )


revisions = _revisions()


def a_revision(symbol: str = "IBM", revision: int = 0, time: str = "2026-11-20") -> BarRevision:
    """Return a version of a bar."""
    bar = Bar(time, 100.0, 102.0, 99.0, 101.0, 5000.0)
    received = datetime(2026, 11, 20, 22, tzinfo=UTC)
    return BarRevision(Origin.SAMPLE, symbol, Interval.DAILY, revision, received, bar)


def an_issued(place: int = 1, previous: str | None = None, **facts: Any) -> Issued:
    """Return a forecast as it stands on its topic; `facts` differ from the example's."""
    return issued(replace(a_forecast(**facts), place=place, previous=previous))


def outgoing(*given: BarRevision) -> list[Outgoing]:
    """Return the records of these versions, keyed by symbol."""
    return [Outgoing(revision.symbol, encode_bar(revision)) for revision in given]


def raw_messages(connection: KafkaConnection, topic: str, count: int) -> list[Message]:
    """Return the first `count` messages of a topic, as they are."""
    consumer = Consumer({"group.id": "look", "auto.offset.reset": "earliest", **connection.settings})
    try:
        partitions = consumer.list_topics(topic, timeout=5).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        return consumer.consume(count, timeout=5)
    finally:
        consumer.close()
