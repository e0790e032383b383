"""Tests of configure: environment variables into blocks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.variables import Variable

from blocks import AlphaVantageCredentials, EmailServerCredentials, KafkaCluster, Ledger, MailAlerts
from flows.cli.configure import apply
from flows.core.errors import FixConfiguration
from flows.stored_blocks import stored
from flows.watchlist import VARIABLE, watchlist
from tests.world import forget_blocks

SECRET = "planted-secret-0123456789"


@pytest.fixture(autouse=True)
def _clean(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No blocks and no variable, before and after."""
    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    forget_blocks()
    yield
    forget_blocks()
    Variable.unset(VARIABLE)


def test_every_name_finds_its_field() -> None:
    """Each variable of the design ends in its block."""
    apply(
        {
            "ALPHAVANTAGE_API_KEY": SECRET,
            "ALPHAVANTAGE_BASE_URL": "http://127.0.0.1:1/query",
            "ALPHAVANTAGE_DAILY_REQUESTS": "75",
            "ALPHAVANTAGE_REQUESTS_PER_SECOND": "2.5",
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": "PLAIN",
            "KAFKA_SASL_USERNAME": "me",
            "KAFKA_SASL_PASSWORD": SECRET,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": "2525",
            "SMTP_TYPE": "INSECURE",
            "SMTP_USERNAME": "me",
            "SMTP_PASSWORD": SECRET,
            "MAIL_FROM": "a@example.org",
            "MAIL_TO": "b@example.org, c@example.org",
            "LEDGER_URL": "sqlite:////tmp/nextclose-test.db",
            "NEXTCLOSE_SYMBOLS": "ibm, MSFT IBM",
        }
    )
    source, kafka = stored(AlphaVantageCredentials, "alpha-vantage"), stored(KafkaCluster, "kafka")
    smtp, alerts, ledger = (
        stored(EmailServerCredentials, "smtp"),
        stored(MailAlerts, "alerts"),
        stored(Ledger, "ledger"),
    )
    assert source is not None
    assert (source.api_key.get_secret_value(), source.daily_requests, source.requests_per_second) == (SECRET, 75, 2.5)
    assert kafka is not None
    assert kafka.connection().settings["sasl.password"] == SECRET
    assert smtp is not None
    assert (smtp.smtp_server, smtp.smtp_port, smtp.password.get_secret_value()) == ("127.0.0.1", 2525, SECRET)
    assert alerts is not None
    assert alerts.recipients == ["b@example.org", "c@example.org"]
    assert ledger is not None
    assert ledger.connection().url == "sqlite:////tmp/nextclose-test.db"
    assert watchlist() == ("IBM", "MSFT")


def test_what_is_not_named_stays() -> None:
    """A second call changes only the fields whose variables are set; an empty one means no limit."""
    apply({"ALPHAVANTAGE_API_KEY": SECRET, "ALPHAVANTAGE_DAILY_REQUESTS": "75"})
    apply({"ALPHAVANTAGE_DAILY_REQUESTS": ""})
    source = stored(AlphaVantageCredentials, "alpha-vantage")
    assert source is not None
    assert (source.api_key.get_secret_value(), source.daily_requests) == (SECRET, None)


def test_the_default_ledger_is_stored_as_an_absolute_path(tmp_path: Path) -> None:
    """Worker and command line share one ledger, whatever folder they run in."""
    apply({})
    ledger = stored(Ledger, "ledger")
    assert ledger is not None
    assert ledger.connection().url == f"sqlite:///{tmp_path / '.nextclose' / 'ledger.db'}"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"SMTP_PORT": "smtp"}, "SMTP_PORT"),
        ({"SMTP_HOST": "h", "SMTP_TYPE": "TELEPATHY"}, "SMTP_TYPE"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL"}, "KAFKA_SECURITY_PROTOCOL"),
        ({"ALPHAVANTAGE_DAILY_REQUESTS": "-1"}, "ALPHAVANTAGE_DAILY_REQUESTS"),
        ({"NEXTCLOSE_SYMBOLS": "!!"}, "nextclose_watchlist"),
        ({"MAIL_TO": ""}, "MAIL_TO"),
    ],
)
def test_a_value_that_does_not_fit_is_named(environment: dict[str, str], named: str) -> None:
    """The error names the variable, and not its value where that may be secret."""
    with pytest.raises(FixConfiguration, match=named):
        apply(environment)


def test_a_wrong_password_variable_is_not_shown() -> None:
    """Not even an error about a block shows a secret of it."""
    with pytest.raises(FixConfiguration) as caught:
        apply({"KAFKA_SASL_PASSWORD": SECRET, "KAFKA_SASL_MECHANISM": "MAGIC", "KAFKA_BOOTSTRAP_SERVERS": "h:1"})
    assert SECRET not in str(caught.value)
