"""Tests of what a comparison is said to mean."""

import pytest

from flows.core.backtest import Contest
from flows.core.scoring import ModelScore
from flows.publishers.contest_words import verdict_in_words

NAIVE = ModelScore("naive", 4.0, 1.5, 0.0)


def contest(skill: float, *better: str) -> Contest:
    """Return a contest that drift leads by so much."""
    return Contest(
        (ModelScore("drift", 4 * (1 - skill), 1.4, skill), NAIVE), 20, "2026-10-23", "2026-11-20", 0.5, better
    )


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (contest(0.3, "drift"), "Better than naive beyond chance: drift."),
        (
            contest(0.03),
            "No better than naive beyond chance: drift came first, with an MSE 3.0% lower, which luck may explain.",
        ),
        (
            contest(0.0001),
            "No better than naive: no model had an MSE visibly lower than that of repeating the last close.",
        ),
    ],
    ids=["better", "perhaps luck", "a tie"],
)
def test_the_verdict_in_words_is_that_of_the_test(held: Contest, said: str) -> None:
    """Beyond chance, perhaps luck, or nothing to see."""
    assert said == verdict_in_words(held)
    assert held.verdict.split()[0].lower() == said.split(maxsplit=1)[0].lower()
