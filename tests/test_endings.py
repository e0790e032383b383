"""Tests of how a run is called at its end."""

from dataclasses import replace

import pytest

from flows.core.bars import Interval, Origin
from flows.core.errors import Unreachable
from flows.core.evaluation import Evaluation
from flows.core.forecast import SymbolFailure
from flows.core.report import Entry, Report
from flows.core.skill import TrackRecord
from flows.endings import ending, evaluation_ending, evaluation_outcomes, outcomes_of
from flows.ledger.outbox import MailItem
from flows.ledger.runs import Outcome
from flows.publishers.delivery import Delivery, Fate
from tests.core.evaluations import AS_OF, FAILED, a_contest, an_evaluation
from tests.core.examples import NOW, a_forecast

HELD = {"IBM": a_contest({"drift": 0.9})}
STALE = replace(FAILED, kind="data", error="StaleData")
QUOTA = replace(FAILED, kind="quota", error="QuotaSpent")


@pytest.mark.parametrize(
    ("made", "name", "completed"),
    [
        (an_evaluation(HELD, FAILED), "Evaluated", True),
        (an_evaluation({}, STALE), "Stale", True),
        (an_evaluation({}, QUOTA), "Quota", False),
        (an_evaluation({}, QUOTA, STALE), "Failed", False),
        (an_evaluation({}, FAILED), "Failed", False),
    ],
)
def test_the_state_of_an_evaluation_says_what_happened(made: Evaluation, name: str, completed: bool) -> None:
    """One symbol compared is a success; otherwise the names are those of the forecasting flows."""
    found, message, state = evaluation_ending(made)
    assert (found, state.name, state.is_completed()) == (name, name, completed)
    assert made.verdict in message
    assert FAILED.reason in message


def test_every_symbol_of_an_evaluation_has_its_outcome() -> None:
    """The ledger keeps who was compared, and why the others were not."""
    assert evaluation_outcomes(an_evaluation(HELD, FAILED), Origin.LIVE) == [
        Outcome("IBM", Origin.LIVE, Interval.DAILY, AS_OF, "evaluated"),
        Outcome("XXXX", Origin.LIVE, Interval.DAILY, AS_OF, "symbol", "fetch", FAILED.reason, ended="failed"),
    ]


MADE = Entry(a_forecast(), TrackRecord())
ITEM = MailItem("IBM", "forecast", "2026-11-20")
FATES: tuple[tuple[Fate, str, bool], ...] = (
    ("sent", "Sent", True),
    ("nothing new", "Nothing new", True),
    ("not alerted", "Not alerted", True),
    ("unknown", "Mail unknown", False),
)


def a_report(*failures: SymbolFailure, entries: tuple[Entry, ...] = (MADE,)) -> Report:
    """Return a report of IBM's forecast and of failures."""
    return Report(Origin.LIVE, Interval.DAILY, NOW, "run-1", (), entries, failures)


@pytest.mark.parametrize(("fate", "name", "completed"), FATES)
def test_what_became_of_the_mail_is_the_states_name(fate: Fate, name: str, completed: bool) -> None:
    """And the symbol's outcome says the same."""
    told = Delivery(fate, "words", {ITEM: fate}, {ITEM: "why"})
    found, message, state = ending(a_report(), told)
    assert (found, state.name, state.is_completed()) == (name, name, completed)
    assert "words" in message
    (outcome,) = outcomes_of(a_report(), told)
    assert (outcome.ended, outcome.reason, outcome.forecast_id) == (name.lower(), "why", MADE.forecast.forecast_id)


@pytest.mark.parametrize("error", [Unreachable("notify: no server"), ValueError("odd")])
def test_a_mail_that_could_not_be_sent_is_a_failure_with_its_reason(error: Exception) -> None:
    """For every symbol that was forecast."""
    found, message, _ = ending(a_report(), error)
    (outcome,) = outcomes_of(a_report(), error)
    assert (found, outcome.ended, outcome.step) == ("Failed", "failed", "notify")
    assert f"not mailed: {'' if isinstance(error, Unreachable) else 'unexpected ValueError: '}{error}" in message
    assert outcome.reason in message if outcome.reason else False


@pytest.mark.parametrize(
    ("failures", "fate", "name"),
    [
        ((STALE,), "sent", "Stale"),
        ((QUOTA, QUOTA), "nothing new", "Quota"),
        ((STALE, QUOTA), "sent", "Failed"),
        ((FAILED,), "sent", "Failed"),
        ((STALE,), "unknown", "Mail unknown"),
    ],
)
def test_without_a_forecast_the_reason_is_the_states_name(
    failures: tuple[SymbolFailure, ...], fate: Fate, name: str
) -> None:
    """Unless nobody knows whether the mail about it went out."""
    report = a_report(*failures, entries=())
    assert ending(report, Delivery(fate, "words"))[0] == name
    ends = [outcome.ended for outcome in outcomes_of(report, Delivery(fate, "words"))]
    assert ends == [{"StaleData": "stale", "QuotaSpent": "quota"}.get(one.error, "failed") for one in failures]
