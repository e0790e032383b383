"""ARIMA by exact maximum likelihood."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import ModelFailed
from flows.core.models import exact
from flows.core.models.base import AT_EVERY_CLOSE, Origins
from flows.core.models.refits import explained

DEFAULT_ORDER = (1, 1, 0)


@dataclass(frozen=True, slots=True)
class Arima:
    """ARIMA(p, d, q) without constant, refitted at every origin.

    The likelihood is exact: the unknown starting level is treated as diffuse by the exact method, so that prices in
    cents give the same forecast as prices in dollars (statsmodels' default initialisation does not). The estimate for
    (1, 1, 0) is in closed form, see `flows.core.models.exact`; every other order is statsmodels'.

    Source: Durbin and Koopman, Time Series Analysis by State Space Methods, 2nd edition, chapters 3 and 5.
    """

    name: str = "arima"
    order: tuple[int, int, int] = DEFAULT_ORDER
    minimum_bars: int = 10
    refit: str = AT_EVERY_CLOSE

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the one-step forecast of a model fitted anew at each origin; of each series, if closes is a panel."""
        if self.order == DEFAULT_ORDER:
            return exact.walk(closes, origins)
        if closes.ndim > 1:
            return np.array([self.walk(row, origins) for row in closes])
        with explained(self.name):
            return np.array([self._fit(closes[:origin]).forecast(1)[0] for origin in origins])

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return the order and the maximum-likelihood estimates."""
        order = "({},{},{})".format(*self.order)
        if self.order == DEFAULT_ORDER:
            state = exact.Running.over(closes)
            return {"order": order, "ar.L1": state.phi, "sigma2": state.variance}
        with explained(self.name):
            fit = self._fit(closes)
        return {"order": order, **dict(zip(fit.model.param_names, map(float, fit.params), strict=True))}

    def _fit(self, closes: Floats) -> Any:  # statsmodels ships no types
        from statsmodels.tools.sm_exceptions import ConvergenceWarning
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                warnings.filterwarnings("ignore", message="Non-stationary starting autoregressive parameters")
                warnings.filterwarnings("ignore", message="Non-invertible starting MA parameters")
                return SARIMAX(closes, order=self.order, use_exact_diffuse=True).fit(disp=0)
        except (ValueError, np.linalg.LinAlgError) as error:
            raise ModelFailed(f"{self.name}: no maximum of the likelihood was found ({error})") from error
