"""Tests of the contest's verdict on many series whose law is known: it finds what is there, and nothing else."""

import pytest

from flows.core.models import CHEAP, MODELS
from tests.core.simulated import contest_over, persistent, random_walk, share_better

CHEAP_MODELS = [MODELS[name] for name in CHEAP]


def test_on_random_walks_the_cheap_models_are_no_better_than_naive() -> None:
    """In at least 93 of 100 cases nothing is found where there is nothing to find."""
    assert share_better(random_walk, range(200), CHEAP_MODELS) <= 0.07


def test_on_persistent_changes_the_cheap_models_are_better_than_naive() -> None:
    """In at least 95 of 100 cases what was planted is found."""
    assert share_better(persistent, range(60), CHEAP_MODELS) >= 0.95


def test_all_models_find_what_was_planted_and_nothing_else() -> None:
    """The full contest, on one short series of either kind."""
    assert contest_over(random_walk(1, 200)).verdict == "no better than naive"
    assert contest_over(persistent(1, 450, 0.8)).verdict == "better than naive"


@pytest.mark.torture
@pytest.mark.timeout(5_400)
def test_on_random_walks_all_models_are_no_better_than_naive() -> None:
    """The full contest on two hundred series: in at least 93 of 100 cases nothing is found."""
    assert share_better(random_walk, range(200), workers=2) <= 0.07


@pytest.mark.torture
@pytest.mark.timeout(5_400)
def test_on_persistent_changes_all_models_are_better_than_naive() -> None:
    """The full contest on two hundred series: in at least 95 of 100 cases what was planted is found."""
    assert share_better(persistent, range(200), workers=2) >= 0.95
