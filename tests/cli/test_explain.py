"""Tests of `nextclose explain`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from blocks import MailAlerts
from flows.cli.main import app
from tests.answers import daily
from tests.world import World, report_of, world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world with a command line in it."""
    monkeypatch.setenv("PREFECT_HOME", str(prefect))
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, lambda query: daily(query["symbol"], "2026-11-20")) as made:
        yield made


def run(*words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["explain", *words])


def test_a_day_and_its_number_are_explained(here: World) -> None:
    """The newest run's day where none is given; with a symbol, where the number comes from; as JSON too."""
    assert "no run is on record" in run("--day", "2020-01-02").stdout
    made = report_of(here.watchlist("IBM", "MSFT", now=NOW)).entries[0].forecast
    lines = run().stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["IBM, Monday 2026-11-23", "MSFT, Monday 2026-11-23"]
    found = run("ibm", "--day", "2026-11-23").stdout
    assert "was mailed at" in found
    assert f"forecast {made.forecast_id}" in found
    rows = json.loads(run("--json").stdout)
    assert [(row["symbol"], row["ended"], row["scheduled"]) for row in rows] == [
        ("IBM", "sent", False),
        ("MSFT", "sent", False),
    ]
    assert rows[0]["sentence"] == lines[0]
    other = run("IBM", "--day", "2026-11-25").stdout
    assert "IBM, Wednesday 2026-11-25: no run is on record" in other
    assert "Where the number comes from" in other


@pytest.mark.parametrize("words", [("--day", "yesterday"), ("not a symbol!",)])
def test_what_is_no_day_or_symbol_is_wrong_usage(words: tuple[str, ...]) -> None:
    """One sentence, and exit code 2."""
    assert run(*words).exit_code == 2


def test_a_run_that_left_no_trace_in_the_ledger_is_told_of(here: World) -> None:
    """A block that cannot be used ends a run before it can write anything down: Prefect knows."""
    MailAlerts.model_construct(recipients=["nobody"]).save("alerts", overwrite=True)
    assert here.symbol(now=NOW).is_failed()
    MailAlerts(recipients=["you@localhost"]).save("alerts", overwrite=True)
    today = f"{datetime.now(ZoneInfo('Africa/Casablanca')):%Y-%m-%d}"
    found = run("--day", today).stdout
    assert "never came as far as the ledger; Prefect calls it Failed: Flow run encountered an" in found
    assert "request: the alerts block cannot be used: recipients" in found
