"""Forests of regression trees on what the last closes did, by scikit-learn and XGBoost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from flows.core.bars import Floats
from flows.core.models.base import Origins
from flows.core.models.refits import AFTER_GROWTH, fit_points, one_thread, walk_between_fits

LAGS = 5
SEED = 20_231
DIGITS = 10
"""Log returns are rounded to so many decimals: a tree's thresholds must not hang on the last bit of a price's unit."""
TREES: Mapping[str, int] = {"random-forest": 25, "xgboost": 50}
"""More trees cost time and save no error on daily returns."""


@dataclass(frozen=True, slots=True)
class _Forest:
    """A fitted regression of the next value on the last ones."""

    library: Any  # neither library ships types
    on_levels: bool

    def one_step(self, closes: Floats, origins: Origins) -> Floats:
        windows = _windows(closes, on_levels=self.on_levels)
        # The last window is the last origin's.
        chosen = windows[origins - len(closes) - 1]
        said: Floats = self.library.predict(chosen).astype(np.float64)
        return said if self.on_levels else closes[origins - 1] * np.exp(said)


def _windows(closes: Floats, *, on_levels: bool) -> Floats:
    """Return the last LAGS values known at each close, shape (closes that have so many, LAGS)."""
    values = closes if on_levels else np.round(np.diff(np.log(closes)), DIGITS)
    return np.lib.stride_tricks.sliding_window_view(values, LAGS)


@dataclass(frozen=True, slots=True)
class Trees:
    """A regression on the last five log returns, or, to show why not, on the last five closes themselves.

    Trees give averages of what they have seen: on levels they cannot follow a price to where it has not been.

    Source: Breiman, Random Forests, Machine Learning 45, 2001; Chen and Guestrin, XGBoost: A Scalable Tree Boosting System,
    KDD 2016.
    """

    library: Literal["random-forest", "xgboost"]
    on_levels: bool = False
    minimum_bars: int = 30
    refit: str = AFTER_GROWTH

    @property
    def name(self) -> str:
        """The library's model, and what it is trained on if that is not returns."""
        return f"{self.library}-levels" if self.on_levels else self.library

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the one-step forecasts of the forest grown last before each origin."""
        with one_thread(self.name):
            return walk_between_fits(closes, origins, self._fit)

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return what the forest was grown from."""
        point = int(fit_points(np.array([len(closes)]))[0])
        what = "closes" if self.on_levels else "log returns"
        return {
            "features": f"last {LAGS} {what}",
            "trees": float(TREES[self.library]),
            "seed": float(SEED),
            "fitted to": float(point),
        }

    def _fit(self, closes: Floats) -> _Forest:
        windows = _windows(closes, on_levels=self.on_levels)[:-1]
        targets = closes[LAGS:] if self.on_levels else np.round(np.diff(np.log(closes)), DIGITS)[LAGS:]
        return _Forest(self._grower().fit(windows, targets), self.on_levels)

    def _grower(self) -> Any:
        if self.library == "random-forest":
            from sklearn.ensemble import RandomForestRegressor

            return RandomForestRegressor(
                TREES[self.library],
                max_depth=3,
                min_samples_leaf=20,
                max_features=2,
                max_samples=0.5,
                n_jobs=1,
                random_state=SEED,
            )
        from xgboost import XGBRegressor

        # Shallow trees, many rows a leaf, little trust in each: with freer ones, the last digit of a price decides forecasts.
        return XGBRegressor(
            n_estimators=TREES[self.library],
            max_depth=2,
            min_child_weight=20,
            reg_lambda=100,
            learning_rate=0.1,
            tree_method="exact",
            n_jobs=1,
            random_state=SEED,
        )
