"""Tests of the broker that the other tests rely on."""

from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from flows.core.connections import KafkaConnection
from flows.embedded.apache_kafka import answers
from tests.broker.connections import plaintext, sasl_plaintext, sasl_ssl, tls
from tests.broker.node import Node
from tests.broker.records import QUIET, SECONDS, admin, make_topic, read, send
from tests.broker.settings import MECHANISMS

WITH_PASSWORD = [mechanism for mechanism in MECHANISMS if mechanism != "OAUTHBEARER"]
SASL = pytest.mark.parametrize("sasl", [sasl_ssl, sasl_plaintext])
Way = Callable[..., KafkaConnection]


def changed(way: KafkaConnection, **changes: str) -> KafkaConnection:
    """Return a connection with other settings; an underscore in a name stands for a dot."""
    return KafkaConnection({**way.settings, **{name.replace("_", "."): value for name, value in changes.items()}})


def refusal(way: KafkaConnection) -> int:
    """Return the code of the first thing that goes wrong."""
    first: list[KafkaError] = []
    settings: dict[str, Any] = {**way.settings, **QUIET, "error_cb": first.append}
    client = AdminClient(settings)
    with pytest.raises(KafkaException):
        client.list_topics(timeout=0.3)
    client.poll(SECONDS)
    return int(first[0].code())


def test_acknowledged_records_outlive_a_killed_broker(node: Node, kafka: KafkaConnection) -> None:
    """Kill -9 right after the acknowledgement, start again: nothing is missing, and records go on behind it."""
    topic = make_topic(kafka)
    assert send(kafka, topic, "one", "two") is None
    node.kill()
    assert not node.alive
    node.bring_up()
    assert send(kafka, topic, "three") is None
    assert read(kafka, topic, 3) == ["one", "two", "three"]


def test_records_outlive_an_orderly_restart(node: Node, kafka: KafkaConnection) -> None:
    """SIGTERM and a new start keep everything too."""
    topic = make_topic(kafka)
    assert send(kafka, topic, "one") is None
    node.restart()
    assert read(kafka, topic, 1) == ["one"]


def test_a_paused_broker_is_silent_and_comes_back(node: Node, kafka: KafkaConnection) -> None:
    """It lives but does not answer; resumed, it does."""
    node.pause()
    assert node.alive
    assert not answers(node.address)
    node.resume()
    node.wait_until_ready()
    assert send(kafka, make_topic(kafka), "one") is None


@pytest.mark.parametrize("damage", [Node.kill, Node.pause, Node.stop])
def test_the_next_test_finds_the_broker_up(node: Node, damage: Callable[[Node], None]) -> None:
    """Whatever a test leaves behind, the fixtures mend it."""
    damage(node)
    node.bring_up()
    assert answers(node.address)


def test_topics_do_not_appear_by_themselves(kafka: KafkaConnection) -> None:
    """Whoever forgets to create a topic is told so."""
    error = send(changed(kafka, topic_metadata_propagation_max_ms="500"), "never-created", "one")
    assert error is not None
    assert error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_a_client_certificate_opens_the_tls_listener(node: Node, kafka: KafkaConnection) -> None:
    """The certificate's holder may create, write and read."""
    way = tls(node, kafka.prefix)
    topic = make_topic(way)
    assert send(way, topic, "one") is None
    assert read(way, topic, 1) == ["one"]


def test_the_tls_listener_refuses_other_certificates(node: Node) -> None:
    """A certificate of another authority is refused, and so is a server whose authority is not trusted."""
    files = node.certificates
    stranger = {"ssl_certificate_location": str(files.stranger), "ssl_key_location": str(files.stranger_key)}
    # TLS 1.3 knows of a refused client only after the handshake: some clients see no more than a closed connection.
    assert refusal(changed(tls(node), **stranger)) in {KafkaError._SSL, KafkaError._TRANSPORT}
    assert refusal(changed(tls(node), ssl_ca_location=str(files.other_authority))) == KafkaError._SSL


@SASL
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_each_mechanism_lets_its_writer_in(node: Node, kafka: KafkaConnection, sasl: Way, mechanism: str) -> None:
    """The writer may create, write and read."""
    way = sasl(node, mechanism, prefix=kafka.prefix)
    topic = make_topic(way)
    assert send(way, topic, "one") is None
    assert read(way, topic, 1) == ["one"]


@SASL
@pytest.mark.parametrize("mechanism", WITH_PASSWORD)
def test_a_wrong_password_is_refused(node: Node, sasl: Way, mechanism: str) -> None:
    """Each mechanism checks the password."""
    assert refusal(changed(sasl(node, mechanism), sasl_password="wrong")) == KafkaError._AUTHENTICATION


@SASL
def test_a_token_without_the_scope_is_refused(node: Node, sasl: Way) -> None:
    """Anybody can make an unsecured token; the scope tells them apart."""
    way = changed(sasl(node, "OAUTHBEARER"), sasl_oauthbearer_config="principal=writer scope=another")
    assert refusal(way) == KafkaError._AUTHENTICATION


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_reader_reads_and_nothing_else(node: Node, kafka: KafkaConnection, mechanism: str) -> None:
    """Reading is allowed; writing and creating are not."""
    topic = make_topic(kafka)
    assert send(kafka, topic, "one") is None
    way = sasl_ssl(node, mechanism, "reader", kafka.prefix)
    assert read(way, topic, 1) == ["one"]
    error = send(way, topic, "two")
    assert error is not None
    assert error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    with pytest.raises(KafkaException, match="Authorization failed"):
        make_topic(way, "other")


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_stranger_sees_nothing(node: Node, kafka: KafkaConnection, mechanism: str) -> None:
    """A user without rights is let in and finds no topic."""
    make_topic(kafka)
    assert admin(sasl_ssl(node, mechanism, "stranger")).list_topics(timeout=10).topics == {}


def test_the_proxied_listener_sends_its_clients_elsewhere(node: Node) -> None:
    """It listens on one port and advertises another, which nobody has until a test runs a proxy there."""
    way = KafkaConnection({"bootstrap.servers": f"127.0.0.1:{node.proxied_port}"})
    assert {broker.port for broker in admin(way).list_topics(timeout=10).brokers.values()} == {node.proxy_port}
    assert {broker.port for broker in admin(plaintext(node)).list_topics(timeout=10).brokers.values()} == {
        node.ports.plaintext
    }
