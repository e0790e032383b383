"""Tests of the commands about Kafka and the record, where no Kafka is configured."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli.main import app
from flows.core.errors import FixConfiguration
from flows.core.proof import FORGOTTEN
from tests.answers import daily
from tests.world import World, world

LAST = "2026-11-20"


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world with a command line in it."""
    monkeypatch.setenv("PREFECT_HOME", str(prefect))
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, lambda query: daily(query["symbol"], LAST)) as made:
        yield made


def run(*words: str) -> Result:
    """Run one command."""
    return CliRunner().invoke(app, list(words))


def test_the_record_begins_empty_and_shows_what_was_forecast(here: World) -> None:
    """A sentence before the first forecast, then a row a series, as a table and as JSON."""
    assert "No forecast is in the ledger yet" in run("record").stdout
    run("forecast", "IBM", "--as-of", LAST, "--json")
    assert "IBM" in run("record").stdout
    (row,) = json.loads(run("record", "ibm", "--json").stdout)
    assert (row["symbol"], row["n"], row["mse"]) == ("IBM", 0, None)
    assert json.loads(run("record", "MSFT", "--json").stdout) == []


def test_what_an_embedded_broker_has_forgotten_is_unprovable(here: World) -> None:
    """That is no error, and the mail is checked all the same: an altered one is."""
    run("forecast", "IBM", "--as-of", LAST, "--json")
    result = run("record", "--verify", "--json")
    facts = json.loads(result.stdout)
    assert (result.exit_code, facts["findings"], facts["mails"]) == (0, [], 1)
    assert [found["why"] for found in facts["unprovable"]] == [FORGOTTEN]
    (file,) = (here.folder / ".nextclose" / "outbox").glob("*.eml")
    file.write_bytes(file.read_bytes().replace(b"Subject: IBM", b"Subject: IBN"))
    result = run("record", "--verify")
    assert (result.exit_code, "is not what was sent" in result.stdout) == (1, True)


def test_the_mail_prints_the_hash_of_its_record(here: World) -> None:
    """The one that --json tells."""
    facts = json.loads(run("forecast", "IBM", "--as-of", LAST, "--json").stdout)
    (mail,) = here.mails
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"SHA-256 {facts['record_hash']}" in body.get_content()


def test_the_doctor_says_what_forgets(here: World) -> None:
    """An embedded broker is a warning; the ledger is in order; a server without pool, worker and deployments is broken."""
    result = run("doctor", "--json", "--offline")
    found = {line["name"]: line for line in json.loads(result.stdout)}
    assert (result.exit_code, found["Kafka"]["state"], found["ledger"]["state"]) == (1, "warning", "ok")
    assert {name for name, line in found.items() if line["state"] == "broken"} == {"work pool", "worker", "deployments"}
    assert all("make up" in found[name]["mend"] for name in ("work pool", "worker", "deployments"))
    assert "make kafka" in found["Kafka"]["mend"]
    assert here.market.queries == []


@pytest.mark.parametrize("words", [("quarantine", "list"), ("quarantine", "release", "--all"), ("stream",)])
def test_what_needs_a_lasting_broker_says_so(here: World, words: tuple[str, ...]) -> None:
    """One sentence that names the way to one."""
    result = run(*words)
    assert isinstance(result.exception, FixConfiguration)
    assert "make kafka" in str(result.exception)
    assert here.mails == []


def test_release_wants_names_or_all() -> None:
    """Neither, and both, is wrong usage."""
    assert run("quarantine", "release").exit_code == 2
    assert run("quarantine", "release", "1-2", "--all").exit_code == 2


def test_the_record_is_also_csv(here: World) -> None:
    """One row a selection, each band as its two ends; with neither --json nor --verify."""
    run("forecast", "IBM", "--now", "2026-11-23T15:30+00:00", "--contest", "cheap", "--json")
    head, row = run("record", "--csv").stdout.splitlines()
    facts = dict(zip(head.split(","), row.split(","), strict=True))
    assert (facts["symbol"], facts["selection"], facts["n"]) == ("IBM", "all", "0")
    assert {"skill_band_low", "band80_high", "up_days"} <= set(facts)
    assert run("record", "--csv", "--json").exit_code == 2
