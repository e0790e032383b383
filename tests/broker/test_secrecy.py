"""Tests that nothing that goes wrong shows a password, not even to whoever lets librdkafka tell everything."""

import base64
from collections.abc import Callable
from secrets import token_hex

import pytest

from flows.core.connections import KafkaConnection
from flows.stream import clients
from tests.broker.connections import plaintext, sasl_plaintext, sasl_ssl
from tests.broker.node import Node
from tests.broker.test_security import changed, meet, read, refused, write

Way = Callable[[Node], KafkaConnection]
Work = Callable[[KafkaConnection], object]
ALL_OF_IT = {"debug": "all"}


def another(node: Node, mechanism: str) -> KafkaConnection:
    """Return a way with a password that is not the user's."""
    return changed(sasl_ssl(node, mechanism), sasl_password=token_hex(16))


REFUSED: dict[str, tuple[Way, Work]] = {
    "wrong password, PLAIN": (lambda node: another(node, "PLAIN"), meet),
    "wrong password, SCRAM-SHA-256": (lambda node: another(node, "SCRAM-SHA-256"), meet),
    "wrong password, SCRAM-SHA-512": (lambda node: another(node, "SCRAM-SHA-512"), meet),
    "wrong password without TLS": (lambda node: changed(sasl_plaintext(node), sasl_password=token_hex(16)), meet),
    "wrong authority": (
        lambda node: changed(sasl_ssl(node), ssl_ca_location=str(node.certificates.other_authority)),
        meet,
    ),
    "wrong port": (lambda node: changed(sasl_ssl(node), bootstrap_servers=plaintext(node).address), meet),
    "no such host": (lambda node: changed(sasl_ssl(node), bootstrap_servers="no-such-host.invalid:9093"), meet),
    "closed port": (lambda node: changed(sasl_ssl(node), bootstrap_servers="127.0.0.1:1"), meet),
    "no such topic": (lambda node: sasl_ssl(node, prefix=f"{token_hex(4)}."), read),
    "no right to see": (lambda node: sasl_ssl(node, user="stranger"), meet),
    "no right to read": (lambda node: sasl_ssl(node, user="stranger"), read),
    "no right to write": (lambda node: sasl_ssl(node, user="reader"), write),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_refusal_shows_the_password(
    node: Node, case: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the sentence nor the log holds it, in no form; the sentence names a field to look at."""
    monkeypatch.setattr(clients, "CONTACT_SECONDS", 2.0)
    meet(plaintext(node))
    make, work = REFUSED[case]
    way = changed(make(node), **ALL_OF_IT)
    secret = str(way.settings["sasl.password"])
    with caplog.at_level("DEBUG"), caplog.at_level("DEBUG", "nextclose.kafka"):
        said = str(refused(work, way, secret))
    told = said + caplog.text
    assert "in the kafka block" in said
    # A client that was let in is never asked for what librdkafka has told it.
    assert not case.startswith("wrong") or any(record.name == "nextclose.kafka" for record in caplog.records)
    assert secret not in told
    assert base64.b64encode(secret.encode()).decode() not in told
    assert secret not in repr(way)
