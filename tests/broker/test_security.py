"""Tests of every security mode, and of what is said when something about it is wrong, on the real broker."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from secrets import token_hex

import pytest

from flows.core.bars import Origin
from flows.core.connections import KafkaConnection
from flows.core.errors import AccessRefused, FixConfiguration, NextcloseError, Unreachable
from flows.stream import clients
from flows.stream.check import check_cluster
from flows.stream.consume import reading
from flows.stream.produce import Outgoing
from flows.stream.topics import BARS, ensure_topics
from tests.broker.connections import plaintext, sasl_plaintext, sasl_ssl, tls
from tests.broker.node import Node
from tests.stream.records import produce

LIMIT = 15.0
Way = Callable[[Node, str], KafkaConnection]

GOOD: dict[str, Way] = {
    "certificate": lambda node, prefix: tls(node, prefix=prefix),
    "PLAIN": lambda node, prefix: sasl_ssl(node, "PLAIN", prefix=prefix),
    "SCRAM-SHA-256": lambda node, prefix: sasl_ssl(node, "SCRAM-SHA-256", prefix=prefix),
    "SCRAM-SHA-512": lambda node, prefix: sasl_ssl(node, "SCRAM-SHA-512", prefix=prefix),
    "OAUTHBEARER": lambda node, prefix: sasl_ssl(node, "OAUTHBEARER", prefix=prefix),
    "without TLS": lambda node, prefix: sasl_plaintext(node, "SCRAM-SHA-512", prefix=prefix),
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a cluster two seconds to answer instead of ten, where one refusal after the other would cost minutes."""
    monkeypatch.setattr(clients, "CONTACT_SECONDS", 2.0)


def changed(way: KafkaConnection, **settings: str) -> KafkaConnection:
    """Return a way with other settings of librdkafka, _ standing for a dot."""
    return replace(
        way, settings={**way.settings, **{name.replace("_", "."): value for name, value in settings.items()}}
    )


def without(way: KafkaConnection, *names: str) -> KafkaConnection:
    """Return a way that lacks some settings."""
    return replace(way, settings={name: value for name, value in way.settings.items() if name not in names})


def write(way: KafkaConnection) -> None:
    """Send one record to the bars topic."""
    produce(way, way.prefix + BARS, [Outgoing("IBM", b"{}")], {}, "IBM, produce")


def read(way: KafkaConnection) -> int:
    """Read the bars topic to its end, and return how many records stand there."""
    with reading(way, way.prefix + BARS, []) as opened:
        return sum(len(batch.bars) + len(batch.poison) for batch in opened.batches())


def meet(way: KafkaConnection) -> None:
    """Do what a run does first."""
    ensure_topics(way, Origin.CUSTOM)


def refused(work: Callable[[KafkaConnection], object], way: KafkaConnection, secret: str = "") -> NextcloseError:
    """Return the error that some work ends with, in time and without the secret."""
    began = time.monotonic()
    with pytest.raises((AccessRefused, FixConfiguration, Unreachable)) as caught:
        work(way)
    assert time.monotonic() - began < LIMIT
    assert not secret or secret not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("mode", GOOD)
def test_each_mode_works(node: Node, mode: str) -> None:
    """Topics are made, a record is sent and read."""
    way = GOOD[mode](node, f"{token_hex(4)}.")
    meet(way)
    write(way)
    assert read(way) == 1


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_wrong_password_is_told_at_once(node: Node, caplog: pytest.LogCaptureFixture, mechanism: str) -> None:
    """The sentence names user name and password fields, and neither it nor the log shows the password."""
    secret = token_hex(16)
    with caplog.at_level("DEBUG"):
        error = refused(meet, changed(sasl_ssl(node, mechanism), sasl_password=secret), secret)
    assert isinstance(error, AccessRefused)
    assert "sasl_username, sasl_password and sasl_mechanism in the kafka block" in str(error)
    assert secret not in caplog.text


def test_a_wrong_authority_is_told_at_once(node: Node) -> None:
    """A broker whose certificate nobody vouches for: look at ssl_ca."""
    error = refused(meet, changed(sasl_ssl(node), ssl_ca_location=str(node.certificates.other_authority)))
    assert isinstance(error, AccessRefused)
    assert "ssl_ca in the kafka block" in str(error)


@pytest.mark.usefixtures("impatient")
def test_a_missing_client_certificate_is_told(node: Node) -> None:
    """The broker cuts the connection: the fields of the certificate are named."""
    bare = without(tls(node), "ssl.certificate.location", "ssl.key.location", "ssl.certificate.pem", "ssl.key.pem")
    assert "ssl_certificate and ssl_key" in str(refused(meet, bare))


@pytest.mark.usefixtures("impatient")
def test_the_wrong_protocol_is_told(node: Node) -> None:
    """A client without TLS at a port with it, and the other way round: look at security_protocol."""
    open_at_tls = KafkaConnection({"bootstrap.servers": tls(node).address})
    tls_at_open = changed(sasl_ssl(node), bootstrap_servers=plaintext(node).address)
    for way in (open_at_tls, tls_at_open):
        assert "security_protocol" in str(refused(meet, way))


@pytest.mark.parametrize(
    ("user", "work"), [("stranger", meet), ("stranger", write), ("stranger", read), ("reader", write)]
)
def test_a_missing_right_is_told(node: Node, user: str, work: Callable[[KafkaConnection], object]) -> None:
    """Whoever may not describe, write or read a topic is told which one, and where the user stands."""
    prefix = f"{token_hex(4)}."
    meet(plaintext(node, prefix))
    error = refused(work, sasl_ssl(node, user=user, prefix=prefix))
    assert isinstance(error, AccessRefused)
    assert f"{prefix}{BARS}" in str(error)
    assert "sasl_username" in str(error)


def test_a_topic_that_may_not_be_made_is_told(node: Node) -> None:
    """A user who may only read meets a cluster without our topics."""
    assert "topic_prefix" in str(refused(meet, sasl_ssl(node, user="reader", prefix=f"{token_hex(4)}.")))


@pytest.mark.parametrize("work", [write, read])
def test_an_unknown_topic_is_told(kafka: KafkaConnection, work: Callable[[KafkaConnection], object]) -> None:
    """A prefix that nobody has made topics for."""
    error = refused(work, kafka)
    assert isinstance(error, FixConfiguration)
    assert "topic_prefix" in str(error)


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of something that accepts connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_silent_cluster_is_given_up_in_time(mute: str) -> None:
    """With the patience that a run has."""
    assert isinstance(refused(meet, KafkaConnection({"bootstrap.servers": mute})), Unreachable)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("address", ["no-such-host.invalid:9092", "127.0.0.1:1", ""])
def test_an_unreachable_cluster_is_told(address: str, mute: str) -> None:
    """A name that does not exist, a port that is closed, and one that is silent: look at bootstrap_servers."""
    error = refused(meet, KafkaConnection({"bootstrap.servers": address or mute}))
    assert isinstance(error, Unreachable)
    assert "bootstrap_servers" in str(error)


def test_the_doctor_tells_a_reader_from_a_writer(node: Node) -> None:
    """Good topics are ok for who may write, and broken for who may not."""
    prefix = f"{token_hex(4)}."
    assert {one.state for one in check_cluster(plaintext(node, prefix), Origin.CUSTOM)} == {"ok", "warning"}
    meet(plaintext(node, prefix))
    states = {
        user: [one.state for one in check_cluster(sasl_ssl(node, user=user, prefix=prefix), Origin.CUSTOM)]
        for user in ("writer", "reader")
    }
    assert states == {"writer": ["ok"] * 4, "reader": ["ok", *["broken"] * 3]}


def test_the_doctor_names_a_wrong_password(node: Node) -> None:
    """One line, broken, with the field."""
    (line,) = check_cluster(changed(sasl_ssl(node), sasl_password=token_hex(8)), Origin.CUSTOM)
    assert (line.state, "sasl_password" in line.mend) == ("broken", True)
