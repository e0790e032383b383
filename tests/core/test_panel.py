"""Tests of the comparison over many series at once: it is the contest of each series alone."""

from collections.abc import Callable

import numpy as np
import pytest

from flows.core import panel
from flows.core.backtest import contest_origins, hold_contest
from flows.core.bars import Floats, Interval
from flows.core.errors import FixConfiguration
from flows.core.models import CHEAP
from flows.core.panel import hold_panel
from flows.core.recipe import ContestKind, Recipe
from tests.core.simulated import persistent, random_walk, series_of
from tests.real_closes import EIGHT, closes


def real_panel(count: int) -> Floats:
    """Return the newest closes of eight real series, shape (8, count)."""
    return np.array([closes(name)[-count:] for name in EIGHT])


def made_panel(count: int) -> Floats:
    """Return series of both kinds, and one that never moved, shape (9, count)."""
    walks = [random_walk(seed, count) for seed in range(4)]
    return np.array([*walks, *(persistent(seed, count) for seed in range(4)), np.full(count, 10.0)])


@pytest.mark.parametrize("count", [30, 31, 100, 565, 2_000])
@pytest.mark.parametrize("series", [real_panel, made_panel])
def test_a_panel_has_the_scores_of_each_series_alone(series: Callable[[int], Floats], count: int) -> None:
    """The same errors, skill and winner as in the contest of every one by itself."""
    table = series(count)
    found = hold_panel(table, contest_origins(count, "MADE"))
    for place, row in enumerate(table):
        contest, _ = hold_contest(series_of(row), Recipe(contest=ContestKind.CHEAP).contestants(Interval.DAILY))
        alone = [contest.score(name) for name in CHEAP]
        for figures, name in ((found.mse, "mse"), (found.mae, "mae"), (found.skill, "skill")):
            expected = np.array([getattr(score, name) for score in alone], dtype=np.float64)
            np.testing.assert_allclose(figures[:, place], expected, rtol=1e-9, atol=1e-12)
        assert found.winners[place] == contest.winner


def test_a_long_panel_is_worked_on_in_parts() -> None:
    """More series than are compared together have the scores that they have alone."""
    table = np.tile(made_panel(60), (panel.ROWS // 9 + 2, 1))
    origins = contest_origins(60, "MADE")
    expected = hold_panel(made_panel(60), origins)
    np.testing.assert_allclose(hold_panel(table, origins).mse[:, -9:], expected.mse, rtol=1e-12)
    assert hold_panel(table, origins).winners[-9:] == expected.winners


@pytest.mark.parametrize("names", [("naive", "theta"), ("naive", "crystal"), ("drift",), ()], ids=str)
def test_a_panel_refuses_models_that_it_cannot_walk(names: tuple[str, ...]) -> None:
    """A slow model, an unknown one, or a list without the baseline is refused with the names that there are."""
    with pytest.raises(FixConfiguration, match=f"models of {', '.join(CHEAP)}, naive among them"):
        hold_panel(made_panel(40), np.array([30]), names)
