"""Tests of what a run makes of its recipe: which models it compares, and what it learns from the forecast before."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update

from flows.core.backtest import Contest
from flows.core.bars import Interval, Origin, SeriesId
from flows.core.forecast import Prediction
from flows.core.models import MODELS, ON_REQUEST
from flows.core.recipe import ContestKind
from flows.core.report import forecast_facts
from flows.core.scoring import ModelScore
from flows.ledger.tables import forecasts
from flows.ledger.winners import keep_winner
from tests.world import World, report_of, text_of

FRIDAY, MONDAY = datetime(2026, 11, 20, 15, 30, tzinfo=UTC), datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
IBM = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)


def made_by(here: World, **given: Any) -> Prediction:
    """Return what a run predicts for IBM."""
    return report_of(here.symbol(**given)).entries[0].forecast.prediction


def test_a_full_contest_compares_every_model_on_the_same_closes(here: World) -> None:
    """The facts list each model with its scores, and the mail says whether any is better than naive."""
    report = report_of(here.symbol(now=MONDAY, contest=ContestKind.FULL))
    facts = forecast_facts(report.entries[0])
    models = facts["models"]
    assert isinstance(models, list)
    assert {score["name"] for score in models} == set(MODELS) - set(ON_REQUEST)
    assert all(score["mse"] > 0 for score in models)
    assert [score["mse"] for score in models] == sorted(score["mse"] for score in models)
    assert "etter than naive" in text_of(here.mails[0])


def test_intervals_learn_from_the_forecast_before(here: World) -> None:
    """A hit narrows the next interval's aim a little, a miss widens it, and the aim is kept with the forecast."""
    before, after = made_by(here, now=FRIDAY), made_by(here, now=MONDAY)
    closed = after.naive
    for level, lower, upper in ((0.8, before.lower80, before.upper80), (0.95, before.lower95, before.upper95)):
        aim = f"ewma-aci:{level}"
        grown = after.interval_state[aim] > before.interval_state[aim]
        assert grown == (lower <= closed <= upper)


def test_the_winner_of_last_time_is_the_incumbent(here: World) -> None:
    """The second run knows who won the first, and says so."""
    before, after = made_by(here, now=FRIDAY), made_by(here, now=MONDAY)
    assert (before.contest.incumbent, after.contest.incumbent) == (None, before.model)


def test_a_winner_on_record_is_used_without_a_contest(here: World) -> None:
    """Only it and the baseline are run, and the report says where the choice comes from."""
    contest = Contest((ModelScore("drift", 1.0, 1.0, 0.1),), 20, "2026-10-20", "2026-11-18")
    keep_winner(here.ledger, IBM, "2026-11-18", contest, FRIDAY, "0.1.0", "run-1")
    made = made_by(here, now=MONDAY, contest=ContestKind.RECORDED)
    assert (made.model, made.chosen_by) == ("drift", "recorded")
    assert {score.name for score in made.contest.scores} == {"naive", "drift"}
    assert "drift won the comparison of all models after the bar of 2026-11-18" in text_of(here.mails[0])


def test_a_winner_that_knew_later_bars_is_not_used(here: World) -> None:
    """A contest held after a bar that this run may not know decides nothing; all models are compared, and that is said."""
    contest = Contest((ModelScore("drift", 1.0, 1.0, 0.1),), 20, "2026-10-20", "2026-11-20")
    keep_winner(here.ledger, IBM, "2026-11-20", contest, MONDAY, "0.1.0", "run-1")
    made = made_by(here, now=FRIDAY, contest=ContestKind.RECORDED)
    assert len(made.contest.scores) == len(MODELS) - len(ON_REQUEST)
    assert "no winner is on record" in text_of(here.mails[0])


def test_levels_on_request_stand_in_facts_and_mail(here: World) -> None:
    """An interval of another level lies where its level belongs."""
    report = report_of(here.symbol(now=MONDAY, levels=[0.5]))
    facts = forecast_facts(report.entries[0])
    intervals = facts["intervals"]
    assert isinstance(intervals, list)
    assert [one["level"] for one in intervals] == [0.5, 0.8, 0.95]
    assert intervals[1]["lower"] < intervals[0]["lower"] < intervals[0]["upper"] < intervals[1]["upper"]
    assert "50 % interval" in text_of(here.mails[0])


def test_a_state_that_cannot_be_read_costs_no_forecast(here: World) -> None:
    """The intervals learn anew from the history, and the report says so."""
    made_by(here, now=FRIDAY)
    with here.ledger.begin() as connection:
        connection.execute(update(forecasts).values(interval_state={"ewma-aci:0.8": None}))
    state = here.symbol(now=MONDAY)
    assert state.name == "Sent"
    assert "they learn anew from the history" in text_of(here.mails[-1])
