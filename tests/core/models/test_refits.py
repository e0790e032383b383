"""Tests of when models that take long to fit are fitted anew, and that no walk uses a later fit."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.backtest import contest_origins
from flows.core.bars import Floats
from flows.core.models import Origins, nixtla
from flows.core.models.refits import FEWEST_CLOSES, FIRST_FIT, GROWTH, fit_points, walk_between_fits

origins = st.lists(st.integers(FIRST_FIT, 30_000), min_size=1, max_size=30)
spacings = st.sampled_from([(GROWTH, FEWEST_CLOSES), (nixtla.FORM_GROWTH, nixtla.FORM_CLOSES)])


@given(origins, spacings)
def test_a_fit_hangs_on_its_origin_alone(asked: list[int], spacing: tuple[float, int]) -> None:
    """Whichever origins are asked for together, and in whichever order, each has the fit that it has alone."""
    alone = [int(fit_points(np.array([origin]), *spacing)[0]) for origin in asked]
    assert alone == fit_points(np.array(asked), *spacing).tolist()


@given(origins, spacings)
def test_no_fit_is_later_than_its_origin(asked: list[int], spacing: tuple[float, int]) -> None:
    """A model knows no close that the origin does not, and has at least the fewest closes that one can be fitted to."""
    points = fit_points(np.array(asked), *spacing)
    assert (points <= np.array(asked)).all()
    assert (points >= FIRST_FIT).all()


@given(st.integers(FIRST_FIT, 30_000), spacings)
def test_no_fit_is_older_than_the_policy_says(origin: int, spacing: tuple[float, int]) -> None:
    """The history has grown by less than the promised share, or the promised number of closes, since the fit."""
    growth, fewest = spacing
    point = int(fit_points(np.array([origin]), *spacing)[0])
    assert origin - point < max(fewest, int(point * growth))


@given(st.integers(FIRST_FIT, 30_000), st.integers(0, 3_000))
def test_fits_move_on_with_the_origin(origin: int, further: int) -> None:
    """A later origin never uses an earlier fit."""
    earlier, later = fit_points(np.array([origin, origin + further]))
    assert earlier <= later


@pytest.mark.parametrize("count", [200, 201, 250, 400, 565, 1_000, 2_000, 3_270, 5_000])
def test_a_contest_sees_at_least_five_fits(count: int) -> None:
    """What is compared is how a model does when it is fitted again and again, not one lucky fit."""
    assert len(np.unique(fit_points(contest_origins(count, "IBM")))) >= 5


@dataclass
class Spy:
    """A fitted model that tells how many closes it was fitted to, and keeps what it was shown."""

    fits: list[int] = field(default_factory=list)
    shown: list[tuple[int, list[int]]] = field(default_factory=list)

    def fit(self, closes: Floats) -> "Spy":
        """Note how many closes were given."""
        self.fits.append(len(closes))
        return self

    def one_step(self, closes: Floats, origins: Origins) -> Floats:
        """Return the number of closes of the last fit for each origin."""
        self.shown.append((len(closes), origins.tolist()))
        return np.full(len(origins), float(self.fits[-1]))


@given(st.lists(st.integers(FIRST_FIT, 400), max_size=30))
def test_a_walk_fits_once_a_point_and_shows_no_later_close(asked: list[int]) -> None:
    """Each origin is forecast by the fit that belongs to it, from closes that end with the latest origin of that fit."""
    spy, wanted = Spy(), np.array(asked, dtype=np.int64)
    found = walk_between_fits(np.arange(1.0, 401.0), wanted, spy.fit)
    assert found.tolist() == fit_points(wanted).tolist()
    assert spy.fits == sorted(set(spy.fits))
    assert all(known == max(some) for known, some in spy.shown)
