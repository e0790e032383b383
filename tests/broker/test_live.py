"""Tests of the stream: one forecast for every new bar, whatever happens in between, on the real broker."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import paying
from flows.core.bars import BarRevision
from flows.core.connections import KafkaConnection
from flows.core.errors import FixConfiguration, NotDelivered
from flows.core.forecast import Prediction
from flows.embedded.broker import embedded_broker
from flows.ledger.forecasts import kept_forecasts
from flows.ledger.news import Waiting, waiting_bars
from flows.live import follow
from flows.parts import Parts
from flows.proving import verify
from flows.steps import Run, consume
from flows.stream.bar_codec import encode_bar
from flows.stream.produce import Outgoing
from flows.stream.topics import BARS, topic_name
from tests.broker.house import a_bar_of, ledger_of, parts_on, sessions
from tests.stream.records import produce

DAYS = sessions(80)
OLD, NEW = DAYS[:60], DAYS[60:]


def run() -> Run:
    """Return a run that begins now."""
    now = datetime.now(UTC)
    return Run("run", "stream-forecasts", now, now)


def send(parts: Parts, symbol: str, days: Sequence[str], revision: int = 0) -> None:
    """Put bars of these days onto the topic."""
    bars: list[BarRevision] = [a_bar_of(symbol, day, DAYS.index(day), revision) for day in days]
    topic = topic_name(BARS, parts.kafka, parts.origin)
    produce(parts.kafka, topic, (Outgoing(bar.symbol, encode_bar(bar)) for bar in bars), {}, "test")


def as_ofs(parts: Parts, symbol: str = "IBM") -> list[str]:
    """Return the bars that have a forecast, in the order of its chain."""
    return [kept.issued.as_of for kept in kept_forecasts(ledger_of(parts), symbol)]


def until(parts: Parts, count: int) -> Callable[[], bool]:
    """Return what says stop when so many forecasts are there."""
    return lambda: len(kept_forecasts(ledger_of(parts))) >= count


def never() -> bool:
    """Never say stop."""
    return False


@pytest.fixture
def parts(kafka: KafkaConnection, tmp_path: Path) -> Parts:
    """A ledger and topics of this test's own, with history that the ledger has read."""
    made = parts_on(kafka, tmp_path)
    send(made, "IBM", OLD)
    consume(made, [], "run")
    return made


def test_every_new_bar_has_one_forecast_across_a_stop_in_the_middle(parts: Parts) -> None:
    """Stopped behind some bar and started again, it goes on; nothing is forecast twice, and the record is whole."""
    send(parts, "IBM", NEW)
    follow(parts, run(), until(parts, 7))
    assert as_ofs(parts) == list(NEW[:7])
    done = follow(parts, run(), never, idle_seconds=1)
    assert (as_ofs(parts), done.forecasts) == (list(NEW), len(NEW) - 7)
    assert verify(parts, None, []).verdict.findings == ()


def test_a_forecast_that_could_not_be_published_is_owed(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that ends between the ledger and the topic publishes at its next start, once."""

    def refuse(*_given: object, **_more: object) -> None:
        raise FixConfiguration("IBM, record: no")

    send(parts, "IBM", NEW[:2])
    with monkeypatch.context() as patch:
        patch.setattr("flows.steps.forecasting.publish", refuse)
        with pytest.raises(FixConfiguration):
            follow(parts, run(), never, idle_seconds=1)
    assert (as_ofs(parts), len(waiting_bars(ledger_of(parts)))) == (list(NEW[:1]), 2)
    follow(parts, run(), never, idle_seconds=1)
    verdict = verify(parts, None, []).verdict
    assert (as_ofs(parts), len(verdict.unprovable), verdict.findings) == (list(NEW[:2]), 2, ())


def test_what_a_moments_patience_mends_is_tried_again(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that does not confirm does not cost a forecast."""
    monkeypatch.setattr(paying, "RETRY_SECONDS", 0.01)
    make, tries = paying._made, []

    def fail_once(stream: paying.Stream, one: Waiting) -> Prediction | None:
        tries.append(one.time)
        if len(tries) == 1:
            raise NotDelivered("IBM, record: not now")
        return make(stream, one)

    monkeypatch.setattr(paying, "_made", fail_once)
    send(parts, "IBM", NEW[:1])
    assert follow(parts, run(), never, idle_seconds=1).forecasts == 1
    assert tries == [NEW[0], NEW[0]]


def test_repeats_corrections_and_older_bars_are_no_news(parts: Parts) -> None:
    """A bar that comes twice, a later version of it, and what fills a gap behind it make no forecast."""
    send(parts, "IBM", NEW[:1])
    send(parts, "IBM", NEW[:1])
    send(parts, "IBM", NEW[:1], revision=1)
    send(parts, "IBM", OLD[:3])
    follow(parts, run(), never, idle_seconds=1)
    assert as_ofs(parts) == [NEW[0]]


def test_a_symbol_with_too_little_history_stops_nobody(parts: Parts) -> None:
    """It is told, and the others are forecast."""
    send(parts, "MSFT", NEW[:2])
    send(parts, "IBM", NEW[:1])
    done = follow(parts, run(), never, idle_seconds=1)
    assert (done.forecasts, done.failures, as_ofs(parts)) == (1, 1, [NEW[0]])
    assert waiting_bars(ledger_of(parts)) == []


def test_what_stands_on_the_topic_at_the_first_start_is_history(kafka: KafkaConnection, tmp_path: Path) -> None:
    """A ledger that has never read the topic reads all of it, and forecasts after what comes then."""
    parts = parts_on(kafka, tmp_path)
    send(parts, "IBM", OLD)
    assert follow(parts, run(), never, idle_seconds=0.5).forecasts == 0
    send(parts, "IBM", NEW[:2])
    follow(parts, run(), never, idle_seconds=1)
    assert as_ofs(parts) == list(NEW[:2])


def test_a_broker_of_its_own_makes_no_stream(tmp_path: Path) -> None:
    """Nobody could send anything to it: the sentence says what to do."""
    with embedded_broker() as private:
        parts = parts_on(private, tmp_path)
        with pytest.raises(FixConfiguration, match="make kafka"):
            follow(parts, run(), never)
