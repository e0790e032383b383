"""The way to the broker is bad."""

from dataclasses import replace

import pytest

from flows import steps
from flows.steps import streaming
from flows.stream import consume as consuming
from tests.broker.connections import proxied
from tests.broker.faults.conftest import Begin
from tests.broker.faults.counted import Figures, settled
from tests.broker.faults.proxy import Weather, proxy
from tests.broker.faults.sizes import SIZES, Size
from tests.broker.node import Node

LEAST = 100
"""Bytes of a bar, however well they are compressed."""


def weather(kind: str, size: Size) -> Weather:
    """Return what a kind of bad way does to connections."""
    if kind == "cut at random":
        return Weather(lifetime=(0.05, 1.0), first_cut=4_096)
    return Weather(delay=size.delay) if kind == "late by 200 ms" else Weather(rate=size.rate)


@SIZES
@pytest.mark.parametrize("kind", ["cut at random", "late by 200 ms", "throttled"])
def test_a_bad_network_loses_and_doubles_nothing(
    size: Size, kind: str, node: Node, begin: Begin, figures: list[Figures], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run by way of the proxy completes, or fails with a sentence; late and throttled, it completes."""
    monkeypatch.setattr(consuming, "BATCH", size.batch)
    monkeypatch.setattr(streaming, "KEPT_AT_ONCE", 1)
    trial = begin(f"network {kind}", size)
    direct = trial.parts.kafka
    steps.connect(trial.parts)
    trial.parts = replace(trial.parts, kafka=proxied(node, direct.prefix))
    with proxy(node.proxy_port, node.proxied_port, weather(kind, size)) as way:
        trial.produce()
        trial.consume()
    assert way.carried > size.bars * LEAST
    assert way.cuts > 0 if kind == "cut at random" else trial.lasting == []
    trial.parts = replace(trial.parts, kafka=direct)
    figures.append(settled(trial, direct))
