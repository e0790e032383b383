"""Tests of the evaluating flow: what a run does, from the first request to the winners on record."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.recipe import ContestKind
from flows.ledger.winners import keep_winner, winner_at
from tests.answers import UNKNOWN, daily
from tests.core.evaluations import a_contest
from tests.world import World, artifacts, evaluation_of, report_of, task_states, world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
AS_OF = "2026-11-20"
FEW = {"now": NOW, "models": ["naive", "drift", "arima"]}
IBM = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)


def answer(query: dict[str, str]) -> object:
    """Answer as the vendor does; some symbols have their own trouble."""
    symbol = query["symbol"]
    if symbol == "NOPE":
        return UNKNOWN
    return daily(symbol, "2026-11-18" if symbol == "OLD" else AS_OF)


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in which the flows run."""
    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, answer) as made:
        yield made


def test_the_winner_goes_on_record_and_forecasts_use_it(here: World) -> None:
    """The whole contest is held, noise does not replace the winner before, and the contest "recorded" takes the new one."""
    before = a_contest({"arima": 0.5})
    keep_winner(here.ledger, IBM, "2026-11-13", before, NOW, "1", "run-0")
    state = here.evaluate("IBM", now=NOW)
    (held,) = evaluation_of(state).held
    assert (state.name, held.recorded, held.contest.incumbent) == ("Evaluated", True, "arima")
    assert len(held.contest.scores) == 10
    kept = winner_at(here.ledger, IBM, AS_OF, NOW)
    assert kept is not None
    assert (kept.model, kept.as_of) == (held.contest.winner, AS_OF)
    p = report_of(here.symbol("IBM", now=NOW, contest=ContestKind.RECORDED)).entries[0].forecast.prediction
    assert (p.model, p.chosen_by) == (kept.model, "recorded")


def test_one_failing_symbol_does_not_stop_the_others(here: World) -> None:
    """The failed ones are named with the reason; run and artifact tell all of it; a choice of models records no winner."""
    state = here.evaluate("NOPE", "IBM", "OLD", "MSFT", **FEW)
    made = evaluation_of(state)
    assert [(held.symbol, held.recorded) for held in made.held] == [("IBM", False), ("MSFT", False)]
    assert (winner_at(here.ledger, IBM, AS_OF, NOW), here.mails) == (None, [])
    assert [(one.symbol, one.kind, one.error) for one in made.failures] == [
        ("NOPE", "symbol", "RejectSymbol"),
        ("OLD", "data", "StaleData"),
    ]
    with here.ledger.connect() as connection:
        kept = connection.execute(text("SELECT symbol, outcome FROM outcomes ORDER BY symbol")).all()
    assert [tuple(row) for row in kept] == [
        ("IBM", "evaluated"),
        ("MSFT", "evaluated"),
        ("NOPE", "symbol"),
        ("OLD", "data"),
    ]
    shown = artifacts(state)
    assert (set(shown), float(shown["progress"])) == ({"evaluation-daily", "progress"}, 100.0)
    told = shown["evaluation-daily"]
    assert ("No model is better than naive" in told, "NOPE" in told) == (True, True)


def test_without_fetching_the_ledger_has_to_do(here: World, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is asked; the newest bar held is the last one used, what is missing is said; the same bars are compared once."""
    here.evaluate("IBM", **FEW)
    caplog.clear()
    state = here.evaluate("IBM", "MSFT", fetch=False, **{**FEW, "now": NOW.replace(day=25)})
    ((held,), (failure,)) = evaluation_of(state).held, evaluation_of(state).failures
    assert task_states(caplog)["evaluate IBM"] == "Cached"
    assert (held.as_of, len(here.market.queries)) == (AS_OF, 1)
    assert held.notes == (
        "the newest bar in the ledger is 2026-11-20's, for the source was not asked; 2026-11-24's is missing",
    )
    assert failure.reason.startswith("MSFT, clean: the ledger holds no daily bar that can be used")
