"""ARIMA by exact maximum likelihood."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import ModelFailed
from flows.core.models.base import Origins


@dataclass(frozen=True, slots=True)
class Arima:
    """ARIMA(p, d, q) without constant, refitted at every origin.

    The likelihood is exact: the unknown starting level is treated as diffuse by the exact method, so that prices in
    cents give the same forecast as prices in dollars (statsmodels' default initialisation does not).

    Source: Durbin and Koopman, Time Series Analysis by State Space Methods, 2nd edition, chapters 3 and 5.
    """

    name: str = "arima"
    order: tuple[int, int, int] = (1, 1, 0)
    minimum_bars: int = 10

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the one-step forecast of a model fitted anew at each origin."""
        return np.array([self._fit(closes[:origin]).forecast(1)[0] for origin in origins])

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return the order and the maximum-likelihood estimates."""
        fit = self._fit(closes)
        estimates = zip(fit.model.param_names, map(float, fit.params), strict=True)
        return {"order": "({},{},{})".format(*self.order), **dict(estimates)}

    def _fit(self, closes: Floats) -> Any:  # statsmodels ships no types
        from statsmodels.tools.sm_exceptions import ConvergenceWarning
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                warnings.filterwarnings("ignore", message="Non-stationary starting autoregressive parameters")
                return SARIMAX(closes, order=self.order, use_exact_diffuse=True).fit(disp=0)
        except (ValueError, np.linalg.LinAlgError) as error:
            raise ModelFailed(f"{self.name}: no maximum of the likelihood was found ({error})") from error
