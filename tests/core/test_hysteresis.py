"""Tests of who wins a contest: last time's winner keeps its place unless another is better by more than noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.backtest import MARGIN, Contest, ModelScore

errors = st.dictionaries(st.sampled_from("abcdef"), st.floats(1e-6, 1e6), min_size=1)


def contest(mse: dict[str, float], incumbent: str | None, *failed: str) -> Contest:
    """Return a contest in which models made these errors."""
    ranked = sorted((ModelScore(name, error) for name, error in mse.items()), key=lambda score: score.mse or 0.0)
    broken = [ModelScore(name, failed=f"{name}: failed") for name in failed]
    return Contest((*ranked, *broken), 20, "2026-10-23", "2026-11-20", incumbent=incumbent)


@given(errors)
def test_without_an_incumbent_the_best_wins(mse: dict[str, float]) -> None:
    """The lowest squared error decides."""
    assert mse[contest(mse, None).winner] == min(mse.values())


@given(errors, st.sampled_from("abcdef"))
def test_an_incumbent_stays_within_the_margin_and_goes_beyond_it(mse: dict[str, float], held: str) -> None:
    """It stays where nobody is better by more than the margin; else, or if it took no part, the best wins."""
    best = min(mse.values())
    winner = contest(mse, held).winner
    if held in mse and best >= (1 - MARGIN) * mse[held]:
        assert winner == held
    else:
        assert mse[winner] == best


@pytest.mark.parametrize(("best", "winner"), [(0.991, "held"), (0.99, "held"), (0.9899, "other"), (0.5, "other")])
def test_one_per_cent_is_the_margin(best: float, winner: str) -> None:
    """A model that is better by one in a hundred or less does not take over."""
    assert contest({"held": 1.0, "other": best}, "held").winner == winner


def test_an_incumbent_that_failed_does_not_win() -> None:
    """There is no forecast under its name."""
    assert contest({"other": 1.0}, "held", "held").winner == "other"


def test_an_incumbent_that_takes_no_part_does_not_win() -> None:
    """The contest knows its models only."""
    assert contest({"other": 1.0}, "gone").winner == "other"


def test_an_incumbent_without_error_stays() -> None:
    """Nobody is better than perfect, and of equals it keeps its place."""
    assert contest({"other": 0.0, "held": 0.0}, "held").winner == "held"


@given(errors, st.sampled_from("abcdef"), st.sampled_from([1e-9, 1e-3, 1e3, 1e9]))
def test_the_winner_does_not_hang_on_the_unit(mse: dict[str, float], held: str, factor: float) -> None:
    """Prices in cents or in thousands have the same winner, unless rounding decides on the very margin."""
    best = min(mse.values())
    if held in mse and abs(best / mse[held] - (1 - MARGIN)) < 1e-9:
        return
    assert contest({name: error * factor for name, error in mse.items()}, held).winner == contest(mse, held).winner
