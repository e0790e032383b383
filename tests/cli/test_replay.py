"""Tests of `nextclose replay`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from flows.cli.main import app
from flows.core.errors import FixConfiguration
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
    return CliRunner().invoke(app, ["replay", *words])


def test_a_forecast_of_a_run_is_made_again(here: World) -> None:
    """By the beginning of its id, or all of them; an altered bar makes the exit code 1."""
    made = report_of(here.watchlist("IBM", "MSFT", now=NOW)).entries[0].forecast
    result = run(made.forecast_id[:12])
    assert (result.exit_code, "1 replayed: 1 the same, 0 different" in result.stdout) == (0, True)
    rows = json.loads(run("--all", "--json").stdout)
    assert [(row["same"], row["differences"]) for row in rows] == [(True, [])] * 2
    with here.ledger.begin() as connection:
        connection.execute(text("UPDATE bars SET close = close * 1.001 WHERE symbol = 'IBM' AND time = '2026-11-18'"))
    result = run("--all")
    assert result.exit_code == 1
    assert "the bar of 2026-11-18 (revision 0) was altered after it was kept" in result.stdout
    assert "2 replayed: 1 the same, 1 different" in result.stdout
    assert run("--all", "--symbol", "MSFT").exit_code == 0
    assert run("0" * 64).exit_code == 2
    assert isinstance(run("--all", "--from-kafka").exception, FixConfiguration)


@pytest.mark.parametrize("words", [(), ("abcdef", "--all"), ("abc",), ("xyz123",)])
def test_what_is_no_id_is_wrong_usage(words: tuple[str, ...]) -> None:
    """Neither an id nor --all, both, or no hexadecimal digits."""
    assert run(*words).exit_code == 2
