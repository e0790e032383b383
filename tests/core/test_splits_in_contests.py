"""Tests that a split, once the earlier prices are adjusted, changes nothing about who is how good."""

import numpy as np
import pytest

from flows.core.backtest import Contest, contest_origins
from flows.core.bars import Floats
from tests.core.simulated import contest_over
from tests.real_closes import EIGHT, closes

RATIO = 10
ADJUSTED, ROUNDED = 1e-6, 1e-3
"""By how much skill and MASE may differ: by what optimisers leave open, and by what four decimals do."""


def split(known: Floats, decimals: int | None = None) -> Floats:
    """Return closes of which those after the middle of the test window are quoted a tenth, and the earlier adjusted.

    Args:
        known: Shape (n,).
        decimals: To how many the vendor quotes the prices after the split; all of them if not given.
    """
    day = int(contest_origins(len(known), "SPLIT").mean())
    raw = known.copy()
    raw[day:] = raw[day:] / RATIO if decimals is None else np.round(raw[day:] / RATIO, decimals)
    return np.concatenate((raw[:day] / RATIO, raw[day:]))


def ranking(contest: Contest) -> list[str]:
    """Return the models from the best to the worst."""
    return [score.name for score in contest.scores]


def differences(contest: Contest, other: Contest) -> list[float]:
    """Return by how much the models' skill and MASE differ between two contests."""
    pairs = [(score, other.score(score.name)) for score in contest.scores]
    both = [(a.skill, b.skill) for a, b in pairs] + [(a.mase, b.mase) for a, b in pairs]
    return [abs(a - b) for a, b in both if a is not None and b is not None]


def check(known: Floats, decimals: int | None, tolerance: float) -> None:
    """Compare the contest before and after a split."""
    before, after = contest_over(known), contest_over(split(known, decimals))
    assert ranking(before) == ranking(after)
    assert max(differences(before, after)) < tolerance
    assert (before.winner, before.better, before.up_days) == (after.winner, after.better, after.up_days)


@pytest.mark.parametrize(
    ("name", "decimals", "tolerance"), [("AAPL", None, ADJUSTED), ("GOOG", 4, ROUNDED)], ids=["adjusted", "rounded"]
)
def test_a_split_in_the_middle_of_the_test_window_changes_no_ranking(
    name: str, decimals: int | None, tolerance: float
) -> None:
    """Of a hundred real closes, adjusted so that they have many decimals; skill and MASE stay as they were but for rounding."""
    check(closes(name)[-100:], decimals, tolerance)


@pytest.mark.torture
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", EIGHT)
def test_a_split_changes_no_ranking_of_a_long_series(name: str) -> None:
    """The long form, on the newest thousand of each real series."""
    check(closes(name)[-1_000:], None, ADJUSTED)
