"""Tests of what the ledger tells about the forecast before: whose intervals are learned from, and who won last time."""

from typing import Any

import pytest
from sqlalchemy import Engine

from flows.core.intervals import IntervalState
from flows.ledger.winners import earlier_forecast, last_chosen
from tests.core.examples import a_forecast, a_session
from tests.ledger.ledgers import LIVE, kept_forecast

STATE = {"ewma-aci:0.8": 0.21, "ewma-aci:0.95": 0.04}


def keep(ledger: Engine, as_of: str, *, backfill: bool = False, **facts: Any) -> None:
    """Keep a forecast made after a bar."""
    given = {"interval_state": STATE, "target": a_session("2026-11-23"), "model": "drift", **facts}
    kept_forecast(ledger, a_forecast(as_of=as_of, backfill=backfill, **given))


def test_the_last_forecast_before_a_bar_is_found(ledger: Engine) -> None:
    """The newest of the earlier ones: not that of the bar itself, and none of a later one."""
    for day, point in (("2026-11-17", 1.0), ("2026-11-18", 2.0), ("2026-11-19", 3.0), ("2026-11-20", 4.0)):
        keep(ledger, day, point=point)
    found = earlier_forecast(ledger, LIVE, "2026-11-19", "ewma-aci")
    assert found is not None
    assert (found.as_of, found.state) == ("2026-11-18", IntervalState.from_mapping(STATE))
    assert (found.around[0.80], found.around[0.95]) == ((228.9, 235.8), (226.0, 239.0))


@pytest.mark.parametrize(
    "facts",
    [{"backfill": True}, {"intervals": "gaussian"}, {"interval_state": {}}],
    ids=["a backfill", "another method", "no state"],
)
def test_what_teaches_nothing_is_passed_over(ledger: Engine, facts: dict[str, Any]) -> None:
    """A backfill knew more than its day, another method's state means something else."""
    keep(ledger, "2026-11-18", **facts)
    assert earlier_forecast(ledger, LIVE, "2026-11-19", "ewma-aci") is None


def test_levels_on_request_are_learned_from_too(ledger: Engine) -> None:
    """Their limits are kept beside the usual two."""
    keep(ledger, "2026-11-18", more=((0.5, 231.0, 233.0),))
    found = earlier_forecast(ledger, LIVE, "2026-11-19", "ewma-aci")
    assert found is not None
    assert found.around[0.5] == (231.0, 233.0)


@pytest.mark.parametrize(
    ("facts", "model"),
    [
        ({}, "drift"),
        ({"chosen_by": "recorded"}, "drift"),
        ({"chosen_by": "person"}, None),
        ({"backfill": True}, None),
    ],
    ids=["a contest's", "the one on record", "a person's", "a backfill's"],
)
def test_the_incumbent_is_the_last_winner(ledger: Engine, facts: dict[str, Any], model: str | None) -> None:
    """What a person chose won nothing, and a backfill decides nothing that comes later."""
    keep(ledger, "2026-11-18", **facts)
    keep(ledger, "2026-11-20", model="theta")
    assert last_chosen(ledger, LIVE, "2026-11-19") == model
