"""Tests of the blocks: Prefect's own standards, and what each hands out."""

from urllib.parse import urlsplit

import pytest
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites.blocks import BlockStandardTestSuite
from pydantic import SecretStr, ValidationError

import blocks
from blocks import AlphaVantageCredentials, CsvFiles, KafkaCluster, Ledger, MailAlerts
from flows.core.bars import Origin

OURS: tuple[type[Block], ...] = (AlphaVantageCredentials, CsvFiles, KafkaCluster, Ledger, MailAlerts)
SECRET = "planted-secret-0123456789"


@pytest.mark.parametrize("block", OURS, indirect=True)
class TestStandards(BlockStandardTestSuite):
    """Prefect's standards for blocks, each of ours."""

    @pytest.fixture
    def block(self, request: pytest.FixtureRequest) -> type[Block]:
        """Return the block under test."""
        chosen: type[Block] = request.param
        return chosen

    def test_has_a_valid_image(self, block: type[Block]) -> None:
        """A logo would have to be fetched from somewhere: ours have none."""
        assert block._logo_url is None


def test_every_block_is_registered_by_the_package() -> None:
    """What blocks exposes is what `prefect block register -m blocks` finds."""
    assert {"EmailServerCredentials", *(block.__name__ for block in OURS)} == set(blocks.__all__)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://www.alphavantage.co/query", Origin.LIVE),
        ("https://www.alphavantage.co.example.org/query", Origin.CUSTOM),
        ("http://127.0.0.1:8000/nextclose-sample/query", Origin.SAMPLE),
        ("http://127.0.0.1:8000/query", Origin.CUSTOM),
        ("https://example.org/nextclose-sample/query", Origin.CUSTOM),
    ],
)
def test_the_address_tells_the_origin(address: str, origin: Origin) -> None:
    """Only the vendor's own host is live, only the bundled server is sample."""
    assert AlphaVantageCredentials(base_url=address).connection().origin is origin


def test_no_secret_shows_in_a_configuration() -> None:
    """What the blocks hand out can be logged without showing a password."""
    made = (
        AlphaVantageCredentials(api_key=SecretStr(SECRET)).connection(),
        KafkaCluster(bootstrap_servers="h:9092", sasl_password=SecretStr(SECRET)).connection(),
        Ledger(url=SecretStr(f"postgresql://u:{SECRET}@h/d")).connection(),
    )
    assert SECRET not in repr(made)


def test_kafka_settings_are_librdkafkas_own() -> None:
    """Confluent Cloud's fields become librdkafka's names; empty ones are left out."""
    cluster = KafkaCluster(
        bootstrap_servers="host:9092",
        security_protocol="SASL_SSL",
        sasl_mechanism="PLAIN",
        sasl_username="me",
        sasl_password=SecretStr(SECRET),
        topic_prefix="team.",
    ).connection()
    assert dict(cluster.settings) == {
        "bootstrap.servers": "host:9092",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "me",
        "sasl.password": SECRET,
    }
    assert (cluster.prefix, cluster.embedded) == ("team.", False)
    assert urlsplit(f"//{cluster.address}").port == 9092


@pytest.mark.parametrize(
    "settings",
    [
        {"sasl.password": SECRET},
        {"ssl.key.password": SECRET},
        {"sasl.oauthbearer.client.secret": SECRET},
        {"sasl.oauthbearer.config": f"principal=me secretkey={SECRET}"},
        {"ssl.key.pem": f"-----BEGIN PRIVATE KEY-----{SECRET}"},
        {"sasl.oauthbearer.token.endpoint.url": f"https://me:{SECRET}@idp/token"},
        {"sasl.oauthbearer.token.endpoint.url": f"https://{SECRET}@idp/token"},
        {"acks": "0"},
        {"plugin.library.paths": "monitoring-interceptor"},
        {"stats_cb": "x"},
    ],
    ids=str,
)
def test_a_setting_that_is_a_secret_or_not_to_be_changed_is_refused(settings: dict[str, str]) -> None:
    """The error says why, and shows nothing of the value."""
    with pytest.raises(ValidationError) as caught:
        KafkaCluster(bootstrap_servers="h:9092", settings=settings)
    assert next(iter(settings)) in str(caught.value)
    assert SECRET not in str(caught.value)


def test_other_settings_go_through() -> None:
    """What librdkafka knows and nobody has to hide, OAuth's public half among it."""
    given = {"socket.timeout.ms": "5000", "sasl.oauthbearer.method": "oidc", "sasl.oauthbearer.client.id": "me"}
    cluster = KafkaCluster(bootstrap_servers="h:9092", settings=given).connection()
    assert given.items() <= dict(cluster.settings).items()
