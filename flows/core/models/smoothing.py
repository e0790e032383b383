"""Exponential smoothing by statsforecast: the best of the ETS family."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flows.core.bars import Floats
from flows.core.models import nixtla
from flows.core.models.base import Origins
from flows.core.models.refits import FIRST_FIT


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
        return {"method": str(model["method"]), **{name: value for name, value in named if not math.isnan(value)}}


def _best(closes: Floats) -> nixtla.Library:
    from statsforecast.models import AutoETS

    return _fitted(AutoETS(season_length=1), closes)


def _same(chosen: nixtla.Library, closes: Floats) -> nixtla.Library:
    from statsforecast.models import AutoETS

    error, trend, season, damped = chosen.model_["components"]
    return _fitted(AutoETS(season_length=1, model=error + trend + season, damped=damped == "D"), closes)


def _fitted(library: nixtla.Library, closes: Floats) -> nixtla.Library:
    """Fit as the library's own `fit` does, without the errors of two and three steps that it tells but does not use."""
    from statsforecast import ets

    fit: Callable[..., nixtla.Library] = ets.ets_f
    library.model_ = fit(closes, m=1, model=library.model, damped=library.damped, phi=library.phi, nmse=1)
    return library
