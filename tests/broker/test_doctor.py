"""Tests of the doctor's look at a real cluster: its topics, and what this user may do with them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from secrets import token_hex

import pytest
from confluent_kafka.cimpl import NewTopic

from flows.core.bars import Origin
from flows.core.checks import Check
from flows.core.connections import KafkaConnection
from flows.stream import clients
from flows.stream.check import MEND, check_cluster
from flows.stream.topics import ALL, BARS, ensure_topics
from tests.broker.connections import plaintext, sasl_ssl, tls
from tests.broker.node import Node
from tests.broker.records import SECONDS, admin

WEEK = "604800000"


def looked_at(way: KafkaConnection) -> tuple[Check, Mapping[str, Check]]:
    """Return what the doctor says of the cluster, and of each topic by its name without the prefix."""
    cluster, *topics = check_cluster(way, Origin.CUSTOM)
    return cluster, {one.name.removeprefix(way.prefix): one for one in topics}


def test_good_topics_are_well(kafka: KafkaConnection) -> None:
    """The cluster answers, and each topic is kept for ever."""
    ensure_topics(kafka, Origin.CUSTOM)
    cluster, topics = looked_at(kafka)
    assert {one.state for one in (cluster, *topics.values())} == {"ok"}
    assert f"{kafka.address} answers by PLAINTEXT: cluster " in cluster.found
    assert "4 partitions, kept for ever" in topics[BARS].found


@pytest.mark.parametrize("way", [tls, sasl_ssl])
def test_the_cluster_is_told_with_how_it_is_reached(node: Node, way: Callable[[Node], KafkaConnection]) -> None:
    """By which protocol it answers is what a person wants to see."""
    cluster, _ = looked_at(way(node))
    assert f" by {way(node).settings['security.protocol']}: cluster " in cluster.found


def test_a_look_makes_nothing(kafka: KafkaConnection) -> None:
    """Without topics there is a warning for each, and there are none afterwards either."""
    cluster, topics = looked_at(kafka)
    assert (cluster.state, [topics[topic].state for topic in ALL]) == ("ok", ["warning"] * 3)
    assert {one.found for one in topics.values()} == {"does not exist, or this user may not see it"}
    assert not {kafka.prefix + topic for topic in ALL} & set(admin(kafka).list_topics(timeout=SECONDS).topics)


def test_wrong_settings_are_a_warning(kafka: KafkaConnection) -> None:
    """The difference, and what to do about it; the other topics are well."""
    client = admin(kafka)
    name = kafka.prefix + BARS
    client.create_topics([NewTopic(name, 1, 1, config={"retention.ms": WEEK})])[name].result(SECONDS)
    ensure_topics(kafka, Origin.CUSTOM)
    _, topics = looked_at(kafka)
    assert [topics[topic].state for topic in ALL] == ["warning", "ok", "ok"]
    assert topics[BARS].found == f"has 1 partitions instead of 4, retention.ms={WEEK} instead of -1"
    assert topics[BARS].mend == MEND


@pytest.mark.parametrize(
    ("user", "state", "found"),
    [
        ("reader", "broken", "this user may not Write"),
        ("stranger", "warning", "does not exist, or this user may not see it"),
    ],
)
def test_missing_rights_are_told(node: Node, user: str, state: str, found: str) -> None:
    """Who may not write is told so; who may see nothing, that there is nothing to see."""
    prefix = f"{token_hex(6)}."
    ensure_topics(plaintext(node, prefix), Origin.CUSTOM)
    cluster, topics = looked_at(sasl_ssl(node, user=user, prefix=prefix))
    assert cluster.state == "ok"
    assert {(one.state, one.found) for one in topics.values()} == {(state, found)}


def test_a_dead_port_is_one_broken_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the field to look at, and no line about topics."""
    monkeypatch.setattr(clients, "CONTACT_SECONDS", 0.5)
    cluster, topics = looked_at(KafkaConnection({"bootstrap.servers": "127.0.0.1:1"}))
    assert (cluster.state, "bootstrap_servers" in cluster.mend, topics) == ("broken", True, {})


def test_a_dead_registry_is_a_line_of_its_own(kafka: KafkaConnection) -> None:
    """The cluster is well all the same."""
    way = replace(kafka, registry={"url": "http://127.0.0.1:1", "max.retries": 0})
    cluster, lines = looked_at(way)
    assert (cluster.state, lines["Schema Registry"].state) == ("ok", "broken")
    assert "schema_registry_url" in lines["Schema Registry"].mend
