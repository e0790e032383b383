"""ARIMA by exact maximum likelihood."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from flows.core.bars import Floats
from flows.core.errors import ModelFailed
from flows.core.models import exact
from flows.core.models.base import AT_EVERY_CLOSE, Origins
from flows.core.models.refits import AFTER_GROWTH, fit_points, one_thread, to_be_fitted, walk_between_fits

DEFAULT_ORDER = (1, 1, 0)


@dataclass(frozen=True, slots=True)
class Arima:
    """ARIMA(p, d, q) without constant.

    The likelihood is exact: the unknown starting level is treated as diffuse by the exact method, so that prices in
    cents give the same forecast as prices in dollars (statsmodels' default initialisation does not). The estimate for
    (1, 1, 0) is in closed form, at every origin, see `flows.core.models.exact`; every other order is statsmodels', whose
    filter goes on with the last fit's parameters.

    Source: Durbin and Koopman, Time Series Analysis by State Space Methods, 2nd edition, chapters 3 and 5.
    """

    name: str = "arima"
    order: tuple[int, int, int] = DEFAULT_ORDER

    @property
    def minimum_bars(self) -> int:
        """Ten, and five more for each parameter beyond the default's, which few closes cannot tell."""
        return 10 + 5 * max(sum(self.order) - sum(DEFAULT_ORDER), 0)

    @property
    def refit(self) -> str:
        """The closed form costs nothing; an optimiser does."""
        return AT_EVERY_CLOSE if self.order == DEFAULT_ORDER else AFTER_GROWTH

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the one-step forecast from each origin; of each series, if closes is a panel."""
        if self.order == DEFAULT_ORDER:
            return exact.walk(closes, origins)
        if closes.ndim > 1:
            return np.array([self.walk(row, origins) for row in closes])
        with one_thread(self.name):
            return walk_between_fits(closes, origins, self._fit)

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return the order and the maximum-likelihood estimates; their variance is that of prices in units of the last."""
        order = "({},{},{})".format(*self.order)
        if self.order == DEFAULT_ORDER:
            state = exact.Running.over(closes)
            return {"order": order, "ar.L1": state.phi, "sigma2": state.variance}
        with one_thread(self.name):
            found = self._fit(closes[: fit_points(np.array([len(closes)]))[0]]).found
        return {"order": order, **dict(zip(found.model.param_names, map(float, found.params), strict=True))}

    def _fit(self, known: Floats) -> "_Filter":
        return _Filter.fitted(self.name, known, self.order)


@dataclass(frozen=True, slots=True)
class _Filter:
    """A fitted model of statsmodels, whose Kalman filter is run over more closes."""

    found: Any  # statsmodels ships no types
    unit: float

    @classmethod
    def fitted(cls, name: str, known: Floats, order: tuple[int, int, int]) -> Self:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                # Starting values and convergence: what was found is judged by its errors.
                warnings.simplefilter("ignore")
                found = SARIMAX(to_be_fitted(known), order=order, use_exact_diffuse=True).fit(disp=0)
        except (ValueError, np.linalg.LinAlgError) as error:
            raise ModelFailed(f"{name}: no maximum of the likelihood was found ({error})") from error
        return cls(found, float(known[-1]))

    def one_step(self, closes: Floats, origins: Origins) -> Floats:
        """Return the forecast of the close at each origin from the closes before it."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            said: Floats = self.found.apply(closes / self.unit).predict(0, len(closes))
        return said[origins] * self.unit
