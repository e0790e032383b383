"""What the models of statsforecast share: when their form is chosen and they are fitted, how they walk, in which unit."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from flows.core.bars import Floats
from flows.core.models.base import Origins
from flows.core.models.refits import AFTER_GROWTH, GROWTH, explained, fit_points, walk_between_fits

FORM_GROWTH, FORM_CLOSES = 5 * GROWTH, 20
"""A model's form is chosen anew when the history has grown by this share, and by this many closes."""
AFTER_GROWTH_TWICE = f"{AFTER_GROWTH}, its form chosen anew after {FORM_GROWTH:.0%} (at least {FORM_CLOSES})"
DIGITS = 10
"""Closes are rounded to so many decimals of the last one before a fit: a search for the best form must not hang on the
last bit of a price's unit."""

Library = Any
"""A fitted model of statsforecast, which ships no types for what is read here."""


@dataclass(frozen=True, slots=True)
class Family:
    """How a member of a family is chosen, and how the chosen one is fitted to more closes."""

    choose: Callable[[Floats], Library]
    again: Callable[[Library, Floats], Library] = lambda chosen, _: chosen
    """Of a family of one, choosing is fitting."""
    has_forms: bool = True
    one_by_one: bool = False
    """What the library says about closes within a series is not what it would have forecast: ask it at each origin."""


@dataclass(slots=True)
class _Fitter:
    """Fits a family to the closes up to a point, and remembers which form was chosen where."""

    family: Family
    chosen: dict[int, Library] = field(default_factory=dict)

    def fit(self, known: Floats) -> "_Applied":
        closes = _to_be_fitted(known)
        with _quiet():
            if not self.family.has_forms:
                return _Applied(self.family.choose(closes), self.family.one_by_one, float(known[-1]))
            point = int(fit_points(np.array([len(known)]), FORM_GROWTH, FORM_CLOSES)[0])
            if point not in self.chosen:
                self.chosen[point] = self.family.choose(_to_be_fitted(known[:point]))
            library = self.family.again(self.chosen[point], closes)
            return _Applied(library, self.family.one_by_one, float(known[-1]))


def _to_be_fitted(known: Floats) -> Floats:
    """Return closes in units of the last one, rounded."""
    rounded: Floats = np.round(known / known[-1], DIGITS)
    return rounded


@dataclass(frozen=True, slots=True)
class _Applied:
    """A fitted model that is applied to closes it has not been fitted to; its parameters stay."""

    library: Library
    one_by_one: bool
    unit: float

    def one_step(self, closes: Floats, origins: Origins) -> Floats:
        with _quiet():
            found = self._each(closes, origins) if self.one_by_one else self._in_one_pass(closes)[origins]
        return found * self.unit

    def _each(self, closes: Floats, origins: Origins) -> Floats:
        means = (self.library.forward(y=closes[:origin] / self.unit, h=1)["mean"][0] for origin in origins)
        return np.fromiter(means, np.float64, len(origins))

    def _in_one_pass(self, closes: Floats) -> Floats:
        found = self.library.forward(y=closes / self.unit, h=1, fitted=True)
        return np.append(found["fitted"], found["mean"])


def walk(name: str, closes: Floats, origins: Origins, family: Family) -> Floats:
    """Return the one-step forecasts of the member fitted last before each origin.

    The closes are fitted in units of the last of them: optimisers stop at absolute tolerances, and a price in cents must
    give the same forecast as one in dollars.
    """
    with explained(name):
        return walk_between_fits(closes, origins, _Fitter(family).fit)


def last_fit(name: str, closes: Floats, family: Family) -> Library:
    """Return the fitted model that forecasts the close after the last of `closes`."""
    point = int(fit_points(np.array([len(closes)]))[0])
    with explained(name):
        return _Fitter(family).fit(closes[:point]).library.model_


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back warnings about convergence: what was found is judged by its errors."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield
