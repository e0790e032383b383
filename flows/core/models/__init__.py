"""The models that take part in the contest. A new one is one file here and one line in MODELS."""

from flows.core.models.arima import Arima
from flows.core.models.auto_arima import AutoArima
from flows.core.models.base import AT_EVERY_CLOSE, Model, Origins
from flows.core.models.combination import Combination
from flows.core.models.naive import Drift, Naive
from flows.core.models.seasonal import SeasonalNaive
from flows.core.models.smoothing import Ets
from flows.core.models.theta import Theta
from flows.core.models.trees import Trees

MODELS: dict[str, Model] = {
    "naive": Naive(),
    "drift": Drift(),
    "seasonal-naive": SeasonalNaive(),
    "arima": Arima(),
    "auto-arima": AutoArima(),
    "ets": Ets(),
    "theta": Theta(),
    "random-forest": Trees("random-forest"),
    "xgboost": Trees("xgboost"),
    "combination": Combination((Drift(), Arima(), AutoArima(), Ets(), Theta())),
    "random-forest-levels": Trees("random-forest", on_levels=True),
    "xgboost-levels": Trees("xgboost", on_levels=True),
}

BASELINE = "naive"
"""Skill is measured against this model."""
CHEAP = ("naive", "drift", "seasonal-naive", "arima")
"""The models that cost next to nothing: no library is loaded for them."""
ON_REQUEST = ("random-forest-levels", "xgboost-levels")
"""Models that show how not to do it: they take part only where they are named."""

__all__ = ["AT_EVERY_CLOSE", "BASELINE", "CHEAP", "MODELS", "ON_REQUEST", "Combination", "Model", "Origins"]
