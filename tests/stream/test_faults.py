"""Tests of what Kafka's errors are made into: an error of ours, which names a field and no secret."""

import pytest
from confluent_kafka import KafkaError
from hypothesis import given
from hypothesis import strategies as st

from flows.core.connections import KafkaConnection
from flows.core.errors import AccessRefused, FixConfiguration, NextcloseError, Unreachable
from flows.stream.faults import MEANINGS, Faults, explained, is_lasting

SECRET = "planted-password-0123456789"
CODES = sorted(
    {
        value
        for name in dir(KafkaError)
        if name.strip("_").isupper() and isinstance(value := getattr(KafkaError, name), int)
    }
)
PROTOCOLS = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL", "sasl_ssl"]
codes = st.sampled_from(CODES)


def way(protocol: str = "PLAINTEXT") -> KafkaConnection:
    """Return a way to a cluster by some protocol."""
    return KafkaConnection({"bootstrap.servers": "broker:9092", "security.protocol": protocol}, secrets=(SECRET,))


def an_error(code: int, said: str = "it said no") -> KafkaError:
    """Return an error of librdkafka's."""
    return KafkaError(code, said)


@given(codes, st.sampled_from(PROTOCOLS), st.sampled_from(["", "nextclose.bars.v1"]))
def test_every_error_becomes_one_sentence_of_ours(code: int, protocol: str, topic: str) -> None:
    """It names step, address, topic and what to look at, and nothing secret."""
    error = explained(an_error(code, f"no, said the broker to {SECRET}."), way(protocol), "IBM, produce", topic)
    assert isinstance(error, NextcloseError)
    assert str(error).startswith("IBM, produce: Kafka at broker:9092 ")
    assert SECRET not in str(error)
    assert (topic in str(error), ".." in str(error)) == (True, False)
    assert isinstance(error, Unreachable) != is_lasting(an_error(code))


@pytest.mark.parametrize(
    ("code", "kind", "fields"),
    [
        (KafkaError._AUTHENTICATION, AccessRefused, ["sasl_username", "sasl_password", "sasl_mechanism"]),
        (KafkaError.UNSUPPORTED_SASL_MECHANISM, AccessRefused, ["sasl_mechanism"]),
        (KafkaError._SSL, AccessRefused, ["ssl_ca", "ssl_certificate", "ssl_key", "security_protocol"]),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, AccessRefused, ["sasl_username", "topic_prefix"]),
        (KafkaError.CLUSTER_AUTHORIZATION_FAILED, AccessRefused, ["sasl_username"]),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, FixConfiguration, ["topic_prefix"]),
        (KafkaError.TOPIC_EXCEPTION, FixConfiguration, ["topic_prefix"]),
        (KafkaError.INVALID_REPLICATION_FACTOR, FixConfiguration, ["topic_partitions", "topic_replication"]),
        (KafkaError.MSG_SIZE_TOO_LARGE, FixConfiguration, ["max.message.bytes"]),
        (KafkaError._RESOLVE, Unreachable, ["bootstrap_servers"]),
        (KafkaError._TRANSPORT, Unreachable, ["bootstrap_servers", "security_protocol"]),
        (KafkaError._AUTO_OFFSET_RESET, Unreachable, ["retention.ms"]),
    ],
)
def test_each_group_names_its_fields(code: int, kind: type[NextcloseError], fields: list[str]) -> None:
    """Whoever reads the sentence knows where to look, and whether waiting helps."""
    error = explained(an_error(code), way(), "connect")
    assert type(error) is kind
    assert [field for field in fields if field not in str(error)] == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("code", [KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, None])
def test_a_secure_connection_that_is_cut_names_the_certificates(code: int | None, protocol: str) -> None:
    """A broker that speaks TLS 1.3 refuses a client's certificate without a word."""
    error = None if code is None else an_error(code)
    secure = "ssl_certificate and ssl_key" in str(explained(error, way(protocol), "connect"))
    assert secure == protocol.upper().endswith("SSL")


def test_the_count_of_dead_brokers_is_not_repeated() -> None:
    """It counts those that librdkafka has asked twice, and says that none of two is down."""
    error = explained(an_error(KafkaError._ALL_BROKERS_DOWN, "0/2 brokers are down"), way(), "connect")
    assert "0/2" not in str(error)
    assert "no answer came in time" in str(error)


@given(st.lists(codes, max_size=6))
def test_what_no_waiting_mends_is_told_before_anything_else(told: list[int]) -> None:
    """Then what is known, then whatever came first."""
    faults = Faults()
    for code in told:
        faults(an_error(code))
    lasting = [code for code in told if is_lasting(an_error(code))]
    known = [code for code in told if code in MEANINGS]
    expected = next(iter((*lasting, *known, *told)), None)
    assert expected == (faults.best.code() if faults.best else None)
    assert next(iter(lasting), None) == (faults.decisive.code() if faults.decisive else None)
    faults.forget()
    assert faults.best is None
