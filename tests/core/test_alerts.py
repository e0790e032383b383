"""Tests of when a forecast is worth a mail."""

from dataclasses import replace

import pytest

from flows.core.alerts import Alerting, AlertWhen
from tests.core.examples import PREDICTION

MADE = replace(PREDICTION, naive=200.0, point=203.0, lower80=190.0, upper80=208.0)
"""The move is 1.5 %, the farther edge 5 %."""


@pytest.mark.parametrize(
    ("when", "percent", "expected"),
    [
        (AlertWhen.ALWAYS, 99.0, True),
        (AlertWhen.FAILURE, 0.0, False),
        (AlertWhen.MOVE, 1.4, True),
        (AlertWhen.MOVE, 1.6, False),
        (AlertWhen.EDGE, 4.9, True),
        (AlertWhen.EDGE, 5.1, False),
    ],
)
def test_a_condition_calls_for_a_mail_or_not(when: AlertWhen, percent: float, expected: bool) -> None:
    """A move by the forecast, an edge by the farther limit of the 80 % interval, downwards as well as upwards."""
    assert Alerting(when, percent).calls_for(MADE) is expected


def test_the_farther_edge_may_be_either() -> None:
    """Here the upper one."""
    assert Alerting(AlertWhen.EDGE, 3.9).calls_for(replace(MADE, lower80=199.0))


def test_the_reason_names_what_was_found_and_the_bound() -> None:
    """So that nobody has to look it up."""
    assert "the forecast is 1.50 % away from the as-of close" in Alerting(AlertWhen.MOVE, 2).why_not(MADE)
    assert "more than 2 % on" in Alerting(AlertWhen.MOVE, 2).why_not(MADE)
    assert "the farther edge of the 80 % interval is 5.00 % away" in Alerting(AlertWhen.EDGE, 6).why_not(MADE)
    assert Alerting(AlertWhen.FAILURE).why_not(MADE) == "this run mails failures only"


def test_falling_prices_count_as_rising_ones() -> None:
    """What matters is how far, not whither."""
    fallen = replace(MADE, point=196.0)
    assert Alerting(AlertWhen.MOVE, 1.9).calls_for(fallen)
