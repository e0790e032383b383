"""Tests of the command line: what it prints, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli.configure import apply
from flows.cli.main import app
from flows.core.models import MODELS, ON_REQUEST
from tests.answers import UNKNOWN, daily, quota
from tests.servers import mail_server
from tests.world import World, world

LAST = "2026-11-20"
FACTS = {
    "symbol", "interval", "origin", "as_of", "target", "point", "lower80", "upper80", "lower95", "upper95",
    "naive", "model", "models", "record", "notes",
}  # fmt: skip


def answer(query: dict[str, str]) -> object:
    """Answer for any symbol but two."""
    if query["symbol"] == "NOPE":
        return UNKNOWN
    return quota(query["apikey"]) if query["symbol"] == "QUOTA" else daily(query["symbol"], LAST)


class Refusing:
    """A mail server that takes no mail from us."""

    async def handle_MAIL(self, *_given: object) -> str:  # noqa: N802 - its name
        """Refuse the sender."""
        return "550 not from you"


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world with a command line in it."""
    monkeypatch.setenv("PREFECT_HOME", str(prefect))
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, answer) as made:
        yield made


def run(*words: str) -> Result:
    """Run one command."""
    return CliRunner().invoke(app, list(words))


def test_one_symbol_is_one_object(here: World) -> None:
    """The facts of the design, on standard output alone, and exit code 0."""
    result = run("forecast", "IBM", "--as-of", LAST, "--json")
    facts = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(facts) >= FACTS
    assert (facts["as_of"], facts["target"], facts["origin"]) == (LAST, "2026-11-23", "custom")
    assert {score["name"] for score in facts["models"]} == set(MODELS) - set(ON_REQUEST)
    assert facts["lower95"] < facts["lower80"] < facts["point"] < facts["upper80"] < facts["upper95"]


def test_some_symbols_failing_is_exit_code_3(here: World) -> None:
    """Several symbols are a list in the order asked for; the failed one says step, kind and reason."""
    result = run("forecast", "NOPE", "IBM", "--as-of", LAST, "--json")
    failed, made = json.loads(result.stdout)
    assert result.exit_code == 3
    assert (failed["failed"]["step"], failed["failed"]["kind"]) == ("fetch", "symbol")
    assert made["symbol"] == "IBM"


@pytest.mark.parametrize("symbol", ["NOPE", "QUOTA"])
def test_no_forecast_at_all_is_exit_code_4(here: World, symbol: str) -> None:
    """A failure is still JSON, and has cost one request."""
    result = run("forecast", symbol, "--as-of", LAST, "--json")
    assert (result.exit_code, len(here.market.queries)) == (4, 1)
    assert json.loads(result.stdout)["symbol"] == symbol


def test_a_mail_that_is_refused_is_exit_code_5(here: World) -> None:
    """The forecast is shown all the same, and the sentence about the mail stands there without a traceback."""
    with mail_server(Refusing()) as port:
        apply({"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_TYPE": "INSECURE"})
        result = run("forecast", "IBM", "--as-of", LAST, "--json")
    assert result.exit_code == 5
    assert json.loads(result.stdout)["as_of"] == LAST
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("forecast",),
        ("forecast", "I B M!"),
        ("forecast", "IBM", "--as-of", "yesterday"),
        ("forecast", "IBM", "--now", "2026-11-23T15:30"),
        ("forecast", "IBM", "--now", "noon"),
        ("forecast", "IBM", "--model", "oracle"),
        ("forecast", "IBM", "--interval", "hourly"),
        ("forecast", "IBM", "--no-such-option"),
        ("demo", "TSLA"),
    ],
)
def test_wrong_usage_is_exit_code_2(words: tuple[str, ...]) -> None:
    """What cannot be meant is refused before anything starts."""
    assert run(*words).exit_code == 2


def test_a_model_can_be_asked_for(here: World) -> None:
    """The person's choice overrides the comparison."""
    result = run("forecast", "IBM", "--as-of", LAST, "--model", "drift", "--json")
    assert json.loads(result.stdout)["model"] == "drift"


def test_the_text_is_the_mails_text(here: World) -> None:
    """Without --json the person reads what the mail says."""
    result = run("forecast", "ibm", "--as-of", LAST)
    assert "Target:" in result.stdout
    assert here.mails[0].get_body(("plain",)).get_content().splitlines()[0] in result.stdout  # type: ignore[union-attr]
