"""Tests of ``nextclose splits``."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli.main import app
from flows.core.errors import RejectSymbol
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
    return CliRunner().invoke(app, ["splits", *words])


def test_what_a_person_says_is_listed(here: World) -> None:
    """Nothing at first; then a split and a real move, as a table and as JSON, of all symbols or one; nobody is asked."""
    assert "Nothing is known of splits." in run("list").stdout
    assert (
        "IBM: a split of 10:1 on 2024-06-10 is kept (origin custom)" in run("confirm", "ibm", "2024-06-10", "10").stdout
    )
    assert run("confirm", "IBM", "2021-11-05", "1:8").exit_code == 0
    assert "the move on 2026-11-04 is kept as a real one" in run("deny", "MSFT", "2026-11-04").stdout
    facts = json.loads(run("list", "--json").stdout)
    found = [(row["symbol"], row["effective"], row["factor"], row["by"]) for row in facts]
    assert found == [
        ("IBM", "2021-11-05", 0.125, "person"),
        ("IBM", "2024-06-10", 10.0, "person"),
        ("MSFT", "2026-11-04", 1.0, "person"),
    ]
    table = run("list", "msft").stdout
    assert ("none, the price moved" in table, "IBM" in table, here.market.queries) == (True, False, [])


def test_a_word_that_the_prices_contradict_is_told(here: World) -> None:
    """A wrong date shows at once: the prices do not jump there."""
    CliRunner().invoke(app, ["forecast", "IBM", "--as-of", LAST, "--json"])
    said = run("confirm", "IBM", "2026-11-04", "10").stdout
    assert "daily bars: the split of 10:1 on 2026-11-04, told by a person" in said
    assert "does not show in these prices" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("confirm", "IBM", "2024-06-31", "10"), "is no date"),
        (("confirm", "IBM", "10", "2024-06-10"), "is no date"),
        (("confirm", "IBM", "2024-06-10", "ten"), "is no ratio of a split"),
        (("confirm", "IBM", "2024-06-10", "1:1"), "is no ratio of a split"),
        (("confirm", "IBM", "2024-06-10", "1.0000001"), "is no ratio of a split"),
        (("confirm", "IBM", "2024-06-10", "0"), "is no ratio of a split"),
        (("deny", "IBM", "today"), "is no date"),
        (("deny", "IBM", "2024-06-10", "--source", "nobody"), "no source is called"),
        (("confirm", "IBM", "2024-06-10"), "Missing argument"),
    ],
)
def test_nonsense_is_refused_before_anything_is_kept(words: tuple[str, ...], said: str) -> None:
    """Wrong usage, with what it should look like."""
    result = run(*words)
    assert (result.exit_code, said in result.output) == (2, True)


def test_what_can_be_no_symbol_is_refused(here: World) -> None:
    """Neither strange signs nor an exchange that nobody knows."""
    for symbol in ("I B M", "IBM.XYZ"):
        assert isinstance(run("deny", symbol, "2024-06-10").exception, RejectSymbol)
    assert "Nothing is known of splits." in run("list").stdout
