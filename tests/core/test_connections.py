"""Tests of what an address tells about the data behind it, and of what it must not tell."""

import pytest

from flows.core.bars import Origin
from flows.core.connections import AlphaVantageConnection, KafkaConnection, LedgerConnection

PLANTED = "planted-key-0123456789"


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("https://www.alphavantage.co/query", Origin.LIVE),
        ("https://WWW.AlphaVantage.CO/query", Origin.LIVE),
        ("http://127.0.0.1:8080/nextclose-sample/query", Origin.SAMPLE),
        ("http://127.0.0.1:8080/query", Origin.CUSTOM),
        ("http://localhost:8080/nextclose-sample/query", Origin.CUSTOM),
        ("https://example.test/nextclose-sample/query", Origin.CUSTOM),
        ("https://www.alphavantage.co.example.test/query", Origin.CUSTOM),
        ("https://example.test/www.alphavantage.co/query", Origin.CUSTOM),
        ("https://www.alphavantage.co@example.test/query", Origin.CUSTOM),
    ],
)
def test_the_address_alone_tells_the_origin(base_url: str, origin: Origin) -> None:
    """Only the vendor's own host is live, only the bundled server's path on loopback is sample."""
    assert origin == AlphaVantageConnection(PLANTED, base_url).origin


def test_the_request_budget_is_counted_for_the_host() -> None:
    """Another path on the same server spends from the same budget."""
    one = AlphaVantageConnection(PLANTED, "https://example.test:8443/query")
    other = AlphaVantageConnection(PLANTED, "https://example.test:8443/other")
    assert "example.test:8443" == one.account == other.account


def test_the_account_holds_no_password() -> None:
    """The account is written into the ledger, so a password in the address stays out of it."""
    connection = AlphaVantageConnection(PLANTED, "https://reader:planted-password@example.test/query")
    assert "planted-password" not in connection.account


@pytest.mark.parametrize(
    "connection",
    [
        AlphaVantageConnection(PLANTED),
        KafkaConnection({"bootstrap.servers": "broker:9092", "sasl.password": PLANTED}, secrets=(PLANTED,)),
        LedgerConnection(f"postgresql://me:{PLANTED}@host/ledger"),
    ],
    ids=lambda connection: type(connection).__name__,
)
def test_a_connection_does_not_show_its_secrets(connection: object) -> None:
    """A connection may be printed or logged."""
    assert PLANTED not in repr(connection)


def test_the_address_of_a_cluster_is_its_bootstrap_servers() -> None:
    """What stands in an error message is where the cluster was looked for."""
    expected = "one:9092,two:9092"
    assert expected == KafkaConnection({"bootstrap.servers": expected}).address
