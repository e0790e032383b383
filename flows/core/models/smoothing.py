"""Exponential smoothing, by statsforecast: the best of the ETS family, and Theta."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from flows.core.bars import Floats
from flows.core.models import nixtla
from flows.core.models.base import Origins
from flows.core.models.refits import AFTER_GROWTH, FIRST_FIT, fit_points, one_thread, to_be_fitted, walk_between_fits


@dataclass(frozen=True, slots=True)
class Ets:
    """The member of the exponential smoothing family that the corrected Akaike criterion prefers (AutoETS).

    Source: Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing, 2008.
    """

    name: str = "ets"
    minimum_bars: int = FIRST_FIT
    refit: str = nixtla.AFTER_GROWTH_TWICE

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the one-step forecasts of the member fitted last before each origin."""
        return nixtla.walk(self.name, closes, origins, nixtla.Family(_best, _same))

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return the member's name and its smoothing parameters."""
        model = nixtla.last_fit(self.name, closes, nixtla.Family(_best, _same))
        named = zip(("alpha", "beta", "gamma", "phi"), map(float, model["par"][:4]), strict=True)
        return {
            "method": str(model.get("method", "a constant")),
            **{name: value for name, value in named if not math.isnan(value)},
        }


@dataclass(frozen=True, slots=True)
class Theta:
    """The dynamic standard Theta model: half of the trend's slope, updated with every close, on simple smoothing.

    The plain standard model estimates its trend from the whole series, so that what it says about an earlier close has
    seen the later ones; the dynamic one uses the closes before it alone.

    Source: Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, Models for Optimising the Theta Method and Their
    Relationship to State Space Models, International Journal of Forecasting 32, 2016.
    """

    name: str = "theta"
    minimum_bars: int = FIRST_FIT
    refit: str = AFTER_GROWTH

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the one-step forecasts of the model fitted last before each origin."""
        with one_thread(self.name):
            return walk_between_fits(closes, origins, _theta)

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return the smoothing parameter and theta."""
        point = int(fit_points(np.array([len(closes)]))[0])
        with one_thread(self.name):
            found = _theta(closes[:point]).library.model_["par"]
        return {name: float(found[name]) for name in ("alpha", "theta")}


def _best(closes: Floats) -> nixtla.Library:
    from statsforecast.models import AutoETS

    return AutoETS(season_length=1).fit(closes)


def _same(chosen: nixtla.Library, closes: Floats) -> nixtla.Library:
    from statsforecast.models import AutoETS

    error, trend, season, damped = chosen.model_["components"]
    return AutoETS(season_length=1, model=error + trend + season, damped=damped == "D").fit(closes)


def _theta(known: Floats) -> nixtla.Applied:
    from statsforecast.models import DynamicTheta

    with nixtla.quiet():
        return nixtla.Applied(DynamicTheta(season_length=1).fit(to_be_fitted(known)), float(known[-1]))
