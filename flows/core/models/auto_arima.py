"""ARIMA of an order that is chosen by the data, by statsforecast."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from flows.core.bars import Floats
from flows.core.models import nixtla
from flows.core.models.base import Origins

MOST_LAGS = 3
"""The highest order of the autoregressive and of the moving-average part."""
SMALLEST_ROOT = 1.01
"""Closer to the unit circle than this, a root makes forecasts hang on rounding."""


@dataclass(frozen=True, slots=True)
class AutoArima:
    """ARIMA of the order that the corrected Akaike criterion prefers, found stepwise.

    Source: Hyndman and Khandakar, Automatic Time Series Forecasting: the forecast Package for R, Journal of Statistical
    Software 27(3), 2008.
    """

    name: str = "auto-arima"
    minimum_bars: int = 30
    refit: str = nixtla.AFTER_GROWTH_TWICE

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the one-step forecasts of the model fitted last before each origin."""
        return nixtla.walk(self.name, closes, origins, _FAMILY)

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return the order and the coefficients."""
        model = nixtla.last_fit(self.name, closes, _FAMILY)
        p, q, _, _, _, d, _ = model["arma"]
        return {"order": f"({p},{d},{q})", **{name: float(value) for name, value in model["coef"].items()}}


def _choose(closes: Floats) -> nixtla.Library:
    from statsforecast.models import AutoARIMA

    return AutoARIMA(seasonal=False, start_p=1, start_q=1, max_p=MOST_LAGS, max_q=MOST_LAGS, approximation=True).fit(
        closes
    )


def _again(chosen: nixtla.Library, closes: Floats) -> nixtla.Library:
    """Fit the chosen order to more closes; choose anew if that does not give a stationary and invertible process."""
    from statsforecast.models import ARIMA

    p, q, _, _, _, d, _ = chosen.model_["arma"]
    given = chosen.model_["coef"]
    fitted = ARIMA(order=(p, d, q), include_mean="intercept" in given, include_drift="drift" in given).fit(closes)
    return fitted if _is_sound(fitted.model_["coef"]) else _choose(closes)


def _is_sound(coefficients: Mapping[str, float]) -> bool:
    """Say whether all roots lie well outside the unit circle, as the search demands too."""
    ar = [-value for name, value in coefficients.items() if name.startswith("ar")]
    ma = [value for name, value in coefficients.items() if name.startswith("ma")]
    inverses = (np.roots([1.0, *polynomial]) for polynomial in (ar, ma) if polynomial)
    return all((np.abs(found) < 1 / SMALLEST_ROOT).all() for found in inverses)


def _filtered(fitted: nixtla.Library, closes: Floats, origins: Origins) -> Floats:
    """Let the Kalman filter go on from where the fit has ended, which is what the library does from the first close.

    Source: Durbin and Koopman, Time Series Analysis by State Space Methods, 2nd edition, section 4.3.
    """
    model = fitted.model_
    space, known = model["model"], len(model["x"])
    state, spread, shocks, step, seen = (space[name] for name in ("a", "P", "V", "T", "Z"))
    around = _mean(model["coef"], len(closes) + 1)
    forecasts = np.empty(len(closes) + 1)
    for number in range(known, len(closes) + 1):
        state, spread = step @ state, step @ spread @ step.T + shocks
        forecasts[number] = around[number] + seen @ state
        if number < len(closes):
            weight = spread @ seen
            gain = weight / (seen @ weight)
            state = state + gain * (closes[number] - forecasts[number])
            spread = spread - np.outer(gain, weight)
    return forecasts[origins]


def _mean(coefficients: Mapping[str, float], count: int) -> Floats:
    """Return what the process moves around: a level, a straight line, or nothing."""
    line = coefficients.get("drift", 0.0) * np.arange(1.0, count + 1)
    return np.asarray(coefficients.get("intercept", 0.0) + line)


_FAMILY = nixtla.Family(_choose, _again, _filtered)
