"""What the models of statsforecast share: when their form is chosen and they are fitted, how they walk, in which unit."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from flows.core.bars import Floats
from flows.core.models.base import Origins
from flows.core.models.refits import AFTER_GROWTH, GROWTH, fit_points, one_thread, to_be_fitted, walk_between_fits

FORM_GROWTH, FORM_CLOSES = 10 * GROWTH, 20
"""A model's form is chosen anew when the history has grown by this share, and by this many closes."""
AFTER_GROWTH_TWICE = f"{AFTER_GROWTH}, its form chosen anew after {FORM_GROWTH:.0%} (at least {FORM_CLOSES})"

Library = Any
"""A fitted model of statsforecast, which ships no types for what is read here."""


@dataclass(frozen=True, slots=True)
class Family:
    """How a member of a family is chosen, and how the chosen one is fitted to more closes."""

    choose: Callable[[Floats], Library]
    again: Callable[[Library, Floats], Library]
    one_by_one: bool = False
    """What the library says about closes within a series is not what it would have forecast: ask it at each origin."""


@dataclass(slots=True)
class _Fitter:
    """Fits a family to the closes up to a point, and remembers which form was chosen where."""

    family: Family
    chosen: dict[int, Library] = field(default_factory=dict)

    def fit(self, known: Floats) -> "Applied":
        with quiet():
            point = int(fit_points(np.array([len(known)]), FORM_GROWTH, FORM_CLOSES)[0])
            if point not in self.chosen:
                self.chosen[point] = self.family.choose(to_be_fitted(known[:point]))
            library = self.family.again(self.chosen[point], to_be_fitted(known))
            return Applied(library, float(known[-1]), one_by_one=self.family.one_by_one)


@dataclass(frozen=True, slots=True)
class Applied:
    """A fitted model that is applied to closes it has not been fitted to; its parameters stay."""

    library: Library
    unit: float
    """The close in units of which it was fitted."""
    one_by_one: bool = False

    def one_step(self, closes: Floats, origins: Origins) -> Floats:
        """Return the forecast of the close at each origin from the closes before it."""
        known = closes / self.unit
        with quiet():
            found = self._each(known, origins) if self.one_by_one else self._in_one_pass(known)[origins]
        return found * self.unit

    def _each(self, known: Floats, origins: Origins) -> Floats:
        means = (self.library.forward(y=known[:origin], h=1)["mean"][0] for origin in origins)
        return np.fromiter(means, np.float64, len(origins))

    def _in_one_pass(self, known: Floats) -> Floats:
        found = self.library.forward(y=known, h=1, fitted=True)
        return np.append(found["fitted"], found["mean"])


def walk(name: str, closes: Floats, origins: Origins, family: Family) -> Floats:
    """Return the one-step forecasts of the member fitted last before each origin.

    The closes are fitted in units of the last of them: optimisers stop at absolute tolerances, and a price in cents must
    give the same forecast as one in dollars.
    """
    with one_thread(name):
        return walk_between_fits(closes, origins, _Fitter(family).fit)


def last_fit(name: str, closes: Floats, family: Family) -> Library:
    """Return the fitted model that forecasts the close after the last of `closes`."""
    point = int(fit_points(np.array([len(closes)]))[0])
    with one_thread(name):
        return _Fitter(family).fit(closes[:point]).library.model_


@contextmanager
def quiet() -> Iterator[None]:
    """Keep back warnings about convergence: what was found is judged by its errors."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
