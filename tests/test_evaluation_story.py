"""Tests of the evaluating flow: what a run does, from the first request to the winners on record."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.artifacts import Artifact
from sqlalchemy import text

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.recipe import ContestKind
from flows.ledger.winners import keep_winner, winner_at
from tests.answers import UNKNOWN, daily, quota
from tests.core.evaluations import a_contest
from tests.world import World, evaluation_of, report_of, task_states, world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
AS_OF = "2026-11-20"
FEW = {"now": NOW, "models": ["naive", "drift", "arima"]}
IBM = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)


def answer(query: dict[str, str]) -> object:
    """Answer as the vendor does; some symbols have their own trouble."""
    symbol = query["symbol"]
    if symbol == "NOPE":
        return UNKNOWN
    if symbol == "QUOTA":
        return quota(query["apikey"])
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
    kept = winner_at(here.ledger, IBM, AS_OF)
    assert kept is not None
    assert (kept.model, kept.as_of) == (held.contest.winner, AS_OF)
    p = report_of(here.symbol("IBM", now=NOW, contest=ContestKind.RECORDED)).entries[0].forecast.prediction
    assert (p.model, p.chosen_by) == (kept.model, "recorded")


def test_a_choice_of_models_is_shown_and_not_recorded(here: World) -> None:
    """Only a whole contest changes what later forecasts use; nothing is mailed."""
    state = here.evaluate("IBM", **FEW)
    (held,) = evaluation_of(state).held
    assert {score.name for score in held.contest.scores} == {"naive", "drift", "arima"}
    assert (held.recorded, winner_at(here.ledger, IBM, AS_OF), here.mails) == (False, None, [])


def test_one_failing_symbol_does_not_stop_the_others(here: World) -> None:
    """The failed ones are named with the reason; the run is kept in the ledger; the artifact shows all of it."""
    made = evaluation_of(here.evaluate("NOPE", "IBM", "OLD", "MSFT", **FEW))
    assert [held.symbol for held in made.held] == ["IBM", "MSFT"]
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
    artifact = Artifact.get("evaluation-daily")
    assert isinstance(artifact, Artifact)
    assert "No model is better than naive" in str(artifact.data)
    assert "NOPE" in str(artifact.data)


@pytest.mark.parametrize(("symbol", "name"), [("QUOTA", "Quota"), ("OLD", "Stale"), ("NOPE", "Failed")])
def test_where_nothing_was_compared_the_state_says_why(here: World, symbol: str, name: str) -> None:
    """The names are those of the forecasting flows."""
    assert here.evaluate(symbol, **FEW).name == name


def test_a_repeated_run_is_cached_and_asks_nobody(here: World) -> None:
    """The same bars, the same models: bars and comparison come from the cache."""
    here.evaluate("IBM", **FEW)
    states = task_states(here.evaluate("IBM", **FEW))
    assert (states["fetch IBM"], states["evaluate IBM"], len(here.market.queries)) == ("Cached", "Cached", 1)


def test_without_fetching_the_ledger_has_to_do(here: World) -> None:
    """Nobody is asked; the newest bar held is the last one used, and what is missing is said."""
    here.evaluate("IBM", **FEW)
    later = {**FEW, "now": NOW.replace(day=25)}
    made = evaluation_of(here.evaluate("IBM", "MSFT", fetch=False, **later))
    ((held,), (failure,)) = made.held, made.failures
    assert (held.as_of, len(here.market.queries)) == (AS_OF, 1)
    assert held.notes == (
        "the newest bar in the ledger is 2026-11-20's, for the source was not asked; 2026-11-24's is missing",
    )
    assert failure.reason.startswith("MSFT, clean: the ledger holds no daily bar that can be used")
