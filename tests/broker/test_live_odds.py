"""Tests of the stream beside other runs, and with what should not come: on the real broker."""

import time
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.cimpl import NewPartitions

from flows import live, steps
from flows.core.connections import KafkaConnection
from flows.core.forecast import Prediction
from flows.ledger.news import waiting_bars
from flows.live import follow
from flows.parts import Parts
from flows.proving import verify
from flows.steps import consume
from flows.stream.bar_codec import encode_bar
from flows.stream.produce import Outgoing
from flows.stream.topics import BARS, topic_name
from tests.broker.house import a_bar_of, ledger_of, parts_on
from tests.broker.records import admin
from tests.broker.test_live import NEW, OLD, as_ofs, never, run, send
from tests.ledger.ledgers import at_once
from tests.stream.records import produce


@pytest.fixture
def parts(kafka: KafkaConnection, tmp_path: Path) -> Parts:
    """A ledger and topics of this test's own, with history that the ledger has read."""
    made = parts_on(kafka, tmp_path)
    send(made, "IBM", OLD)
    consume(made, [], "run")
    return made


def test_what_another_run_has_read_first_is_news_all_the_same(parts: Parts) -> None:
    """Once the stream has begun, it forecasts after every bar behind its offsets, whoever kept it."""
    follow(parts, run(), never, idle_seconds=0.2)
    send(parts, "IBM", NEW[:3])
    consume(parts, [], "run")
    follow(parts, run(), never, idle_seconds=1)
    assert as_ofs(parts) == list(NEW[:3])


def test_a_history_that_was_interrupted_is_still_history(kafka: KafkaConnection, tmp_path: Path) -> None:
    """Stopped while it reads what stands there already, the stream begins anew and owes nothing for it."""
    parts = parts_on(kafka, tmp_path)
    send(parts, "IBM", OLD)
    follow(parts, run(), lambda: True)
    answers = iter([False, True])
    follow(parts, run(), lambda: next(answers, True))
    assert follow(parts, run(), never, idle_seconds=0.5).forecasts == 0
    assert waiting_bars(ledger_of(parts)) == []


def test_impossible_bars_silence_nobody(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Sunday, a day beyond the calendar, and a model that stumbles cost their own forecast only."""
    topic = topic_name(BARS, parts.kafka, parts.origin)
    strange = [a_bar_of("IBM", day, 0) for day in ("2026-11-22", "2199-01-02")]
    send(parts, "IBM", NEW[:1])
    produce(parts.kafka, topic, (Outgoing("IBM", encode_bar(bar)) for bar in strange), {}, "test")
    send(parts, "IBM", NEW[1:3])
    forecast, days = steps.forecast, []

    def stumble(*given: Any) -> Prediction:
        days.append(given[1].as_of.label)
        if days[-1] == NEW[1]:
            raise ValueError("a model's own error")
        return forecast(*given)

    monkeypatch.setattr(steps, "forecast", stumble)
    done = follow(parts, run(), never, idle_seconds=1)
    assert (done.forecasts, done.failures, as_ofs(parts)) == (2, 1, [NEW[0], NEW[2]])
    assert waiting_bars(ledger_of(parts)) == []


def test_new_partitions_are_read(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A topic that grows while it is followed: symbols that move are forecast after."""
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.2)
    follow(parts, run(), never, idle_seconds=0.2)
    client, topic = admin(parts.kafka), topic_name(BARS, parts.kafka, parts.origin)
    began: list[float] = []

    def grow_then_stop() -> bool:
        if not began:
            began.append(time.monotonic())
            client.create_partitions([NewPartitions(topic, 16)])[topic].result(15)
            send(parts, "IBM", NEW[:1])
        return len(as_ofs(parts)) > 0 or time.monotonic() - began[0] > 30

    follow(parts, run(), grow_then_stop)
    assert as_ofs(parts) == [NEW[0]]


def test_two_streams_pay_once(parts: Parts) -> None:
    """On one ledger and one topic, at the same time: each bar has one forecast."""
    follow(parts, run(), never, idle_seconds=0.2)
    send(parts, "IBM", NEW[:6])
    at_once(2, lambda _: follow(parts, run(), never, idle_seconds=2))
    assert as_ofs(parts) == list(NEW[:6])
    assert verify(parts, None, []).verdict.findings == ()
