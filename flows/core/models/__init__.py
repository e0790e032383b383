"""The models that take part in the contest. A new one is one file here and one line in MODELS."""

from flows.core.models.arima import Arima
from flows.core.models.base import Model, Origins
from flows.core.models.naive import Drift, Naive

MODELS: dict[str, Model] = {model.name: model for model in (Naive(), Drift(), Arima())}

BASELINE = "naive"
"""Skill is measured against this model."""

__all__ = ["BASELINE", "MODELS", "Model", "Origins"]
