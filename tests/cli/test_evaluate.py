"""Tests of `nextclose evaluate`: what it prints, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.variables import Variable
from typer.testing import CliRunner, Result

from flows.cli.main import app
from flows.watchlist import VARIABLE
from tests.answers import UNKNOWN, daily
from tests.world import World, world

NOW = "2026-11-23T15:30+00:00"
FEW = ("--now", NOW, "--models", "drift, arima")


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world with a command line in it, whose market knows all symbols but one."""
    monkeypatch.setenv("PREFECT_HOME", str(prefect))
    monkeypatch.chdir(tmp_path)
    with world(
        tmp_path, lambda query: UNKNOWN if query["symbol"] == "NOPE" else daily(query["symbol"], "2026-11-20")
    ) as made:
        yield made


def run(*words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["evaluate", *words])


def test_the_facts_are_one_object(here: World) -> None:
    """Some symbols failed: exit code 3, and nothing but the facts on standard output."""
    result = run("IBM", "NOPE", *FEW, "--json")
    facts = json.loads(result.stdout)
    held, failed = facts["symbols"]
    assert (result.exit_code, facts["interval"], failed["failed"]["kind"]) == (3, "daily", "symbol")
    assert (held["symbol"], held["origin"], held["as_of"], held["recorded"]) == ("IBM", "custom", "2026-11-20", False)
    assert {score["name"] for score in held["models"]} == {"naive", "drift", "arima"}
    assert held["winner"] in {one["name"] for one in facts["models"]}
    assert facts["verdict"] == "no model is better than naive beyond chance on IBM"


def test_without_symbols_it_is_the_watchlist(here: World) -> None:
    """The tables are printed, and the chart is where it was asked for."""
    Variable.set(VARIABLE, ["MSFT", "AAPL"], overwrite=True)
    result = run(*FEW, "--chart", "chart.png")
    Variable.unset(VARIABLE)
    assert result.exit_code == 0
    for said in ("By model", "By symbol", "MSFT", "AAPL", "the winners are not put on record"):
        assert said in result.stdout
    assert Path("chart.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_compared_is_exit_code_4(here: World) -> None:
    """The failure is still JSON; without fetching, nobody is asked."""
    result = run("IBM", *FEW, "--no-fetch", "--json")
    assert (result.exit_code, here.market.queries) == (4, [])
    assert json.loads(result.stdout)["symbols"][0]["failed"]["step"] == "clean"


def test_a_run_that_cannot_begin_fails_every_symbol(here: World) -> None:
    """There is no block of this source: the facts say so for each symbol."""
    result = run("IBM", "--source", "csv-files", "--json")
    facts = json.loads(result.stdout)
    assert (result.exit_code, facts["models"], facts["verdict"]) == (4, [], "no symbol could be compared")
    assert facts["symbols"][0]["failed"]["kind"] == "configuration"


@pytest.mark.parametrize(
    "words",
    [
        ("I B M!",),
        ("IBM", "--models", "oracle"),
        ("IBM", "--models", "arima,oracle"),
        ("IBM", "--interval", "hourly"),
        ("IBM", "--now", "noon"),
        ("IBM", "--chart", "chart.gif"),
        ("IBM", "--chart", "nowhere/chart.png"),
        ("IBM", "--source", "oracle"),
    ],
)
def test_wrong_usage_is_exit_code_2(words: tuple[str, ...]) -> None:
    """What cannot be meant is refused before anything starts."""
    assert run(*words).exit_code == 2
