"""Tests of how a run is called at its end."""

from dataclasses import replace

import pytest

from flows.core.bars import Interval, Origin
from flows.core.evaluation import Evaluation
from flows.endings import evaluation_ending, evaluation_outcomes
from flows.ledger.runs import Outcome
from tests.core.evaluations import AS_OF, FAILED, a_contest, an_evaluation

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
