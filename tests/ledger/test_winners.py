"""Tests of the winners on record."""

from datetime import timedelta

import pytest

from flows.ledger.winners import keep_winner, winner_at, winner_before
from tests.core.evaluations import a_contest
from tests.ledger.ledgers import EVENING, LIVE, a_ledger

DRIFT, NAIVE = a_contest({"drift": 0.5}), a_contest({"drift": 1.5})


def test_a_winner_is_known_from_its_bar_on() -> None:
    """What a later comparison found plays no part in an earlier forecast."""
    with a_ledger() as engine:
        keep_winner(engine, LIVE, "2026-11-13", DRIFT, EVENING, "1", "run-1")
        keep_winner(engine, LIVE, "2026-11-20", NAIVE, EVENING, "1", "run-2")
        found = {day: winner_at(engine, LIVE, day, EVENING) for day in ("2026-11-12", "2026-11-19", "2026-11-20")}
    assert {day: one and one.model for day, one in found.items()} == {
        "2026-11-12": None,
        "2026-11-19": "drift",
        "2026-11-20": "naive",
    }


@pytest.mark.parametrize(("as_of", "model"), [("2026-11-13", None), ("2026-11-20", "drift"), ("2026-11-27", "naive")])
def test_the_winner_before_did_not_know_the_bar(as_of: str, model: str | None) -> None:
    """A comparison that is held again has the same predecessor, and so the same winner."""
    with a_ledger() as engine:
        keep_winner(engine, LIVE, "2026-11-13", DRIFT, EVENING, "1", "run-1")
        keep_winner(engine, LIVE, "2026-11-20", NAIVE, EVENING, "1", "run-2")
        found = winner_before(engine, LIVE, as_of)
    assert (found and found.model) == model


def test_a_later_comparison_after_the_same_bar_counts_from_its_instant_on() -> None:
    """The newest counts, and what was on record before is still known to whoever plays an earlier instant."""
    later = EVENING + timedelta(days=1)
    with a_ledger() as engine:
        keep_winner(engine, LIVE, "2026-11-20", DRIFT, EVENING, "1", "run-1")
        keep_winner(engine, LIVE, "2026-11-20", NAIVE, later, "2", "run-2")
        keep_winner(engine, LIVE, "2026-11-20", NAIVE, later, "2", "run-2")
        found = [winner_at(engine, LIVE, "2026-11-20", seen) for seen in (EVENING, later)]
    assert found == [("drift", "2026-11-20", EVENING), ("naive", "2026-11-20", later)]
