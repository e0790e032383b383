"""Tests of `nextclose export`, `prune` and `configure --move-ledger`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blocks import Ledger
from flows.cli.main import app
from flows.core.errors import FixConfiguration
from tests.answers import daily
from tests.world import World, world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world with a command line in it."""
    monkeypatch.setenv("PREFECT_HOME", str(prefect))
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, lambda query: daily(query["symbol"], "2026-11-20")) as made:
        yield made


def run(*words: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, list(words))


def test_a_ledger_is_exported_pruned_and_moved(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files for everybody; nothing is deleted without a yes; after a move the new ledger is the one in use."""
    here.symbol(now=NOW)
    rows = {one["name"]: one["rows"] for one in json.loads(run("export", "files", "--json").stdout)}
    assert (rows["bars"], rows["forecasts"], rows["outbox"]) == (100, 1, 1)
    assert (here.folder / "files" / "bars.csv").is_file()
    assert isinstance(run("export", "files").exception, FixConfiguration)
    assert "100 rows  files2/bars.parquet" in run("export", "files2", "--format", "parquet", "--symbol", "ibm").stdout
    assert "Nothing was deleted" in run("prune", "--older-than", "30", "--bars").stdout
    monkeypatch.setenv("LEDGER_URL", f"sqlite:///{here.folder / 'new.db'}")
    assert "block ledger: LEDGER_URL" in run("configure", "--move-ledger").stdout
    ledger = Ledger.load("ledger")
    assert isinstance(ledger, Ledger)
    assert ledger.url.get_secret_value().endswith("new.db")
    assert here.symbol(now=NOW).name == "Nothing new"
    assert isinstance(run("configure", "--move-ledger").exception, FixConfiguration)


def test_wrong_usage_is_told_before_anything_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A move without a target, a format that nobody knows, a span too short to be meant."""
    monkeypatch.delenv("LEDGER_URL", raising=False)
    for words in (("configure", "--move-ledger"), ("export", "x", "--format", "xls"), ("prune", "--older-than", "3")):
        assert run(*words).exit_code == 2
