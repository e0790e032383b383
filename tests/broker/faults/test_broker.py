"""The broker is killed, away, or frozen."""

import random
import time
from collections.abc import Callable

import pytest

from flows import steps
from flows.core.errors import NextcloseError
from flows.steps import streaming
from flows.stream import clients
from flows.stream import consume as consuming
from tests.broker.faults.conftest import Begin
from tests.broker.faults.counted import Figures, held, settled
from tests.broker.faults.hooks import Action
from tests.broker.faults.sizes import SIZES, Size
from tests.broker.faults.trial import Later, Trial
from tests.broker.node import Node

SMALL_FETCHES = {"fetch.message.max.bytes": 20_000, "queued.max.messages.kbytes": 64, "queued.min.messages": 100}
"""So that a consumer still has something to fetch when the fault comes."""


def at_random(most: int, times: int, action: Action) -> dict[int, Action]:
    """Return the action at so many random numbers from 1 to `most`."""
    chance = random.Random(most + times)  # noqa: S311 - no secret
    return dict.fromkeys(chance.sample(range(1, most + 1), times), action)


def small(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """Let a trial read in small batches."""
    monkeypatch.setattr(consuming, "BATCH", trial.size.batch)
    monkeypatch.setattr(streaming, "KEPT_AT_ONCE", 1)
    trial.parts.kafka.settings.update(SMALL_FETCHES)  # type: ignore[attr-defined]
    return trial


def killer(node: Node, later: Later, seconds: float) -> Callable[[], None]:
    """Return what kills the broker and starts it again after some seconds."""

    def kill() -> None:
        later.wait()
        node.kill()
        later(seconds, (node.start, node.wait_until_ready))

    return kill


@SIZES
def test_a_killed_broker_loses_no_acknowledged_bar(
    size: Size, node: Node, begin: Begin, later: Later, figures: list[Figures], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill -9 at random acknowledgements and after random batches, each time started again at once."""
    trial = small(begin("broker killed", size), monkeypatch)
    producing, reading = size.broker_kills
    kill = killer(node, later, 0)
    trial.connect()
    trial.produce(at_random(size.bars - 1, producing, kill))
    later.wait()
    trial.consume(at_random(size.bars // size.batch // 2, reading, kill))
    later.wait()
    figures.append(settled(trial, trial.parts.kafka))


@SIZES
def test_a_broker_that_is_down_at_the_start_is_told_at_once(
    size: Size, node: Node, begin: Begin, figures: list[Figures], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence within 15 s, nothing half-written, and a later run completes."""
    monkeypatch.setattr(clients, "CONTACT_SECONDS", size.contact)
    trial = begin("broker down at the start", size)
    node.kill()
    began = time.monotonic()
    with pytest.raises(NextcloseError, match=r"^connect: Kafka at .* does not answer: .*bootstrap_servers") as told:
        steps.connect(trial.parts)
    assert time.monotonic() - began < 15
    trial.lasting.append(told.value)
    assert held(trial.parts).total() == 0
    node.bring_up()
    figures.append(settled(trial, trial.parts.kafka))


@SIZES
def test_a_broker_that_is_away_for_a_minute_costs_patience_only(
    size: Size, node: Node, begin: Begin, later: Later, figures: list[Figures], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle and started again after the outage: the run goes on."""
    trial = small(begin(f"broker down for {size.outage:.0f} s", size), monkeypatch)
    producing, reading = size.outages
    kill = killer(node, later, size.outage)
    trial.connect()
    trial.produce(at_random(size.bars - 1, producing, kill))
    later.wait()
    trial.consume(at_random(3, reading, kill))
    later.wait()
    assert trial.lasting == []
    figures.append(settled(trial, trial.parts.kafka))


@SIZES
def test_a_frozen_broker_costs_patience_only(
    size: Size, node: Node, begin: Begin, later: Later, figures: list[Figures], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP in the middle, SIGCONT after a while: the run goes on."""
    trial = small(begin(f"broker frozen for {size.pause:.0f} s", size), monkeypatch)
    producing, reading = size.pauses

    def freeze() -> None:
        node.pause()
        later(size.pause, (node.resume,))

    trial.connect()
    trial.produce(at_random(size.bars - 1, producing, freeze))
    later.wait()
    trial.consume(at_random(3, reading, freeze))
    later.wait()
    assert trial.lasting == []
    figures.append(settled(trial, trial.parts.kafka))
