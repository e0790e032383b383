"""Prediction intervals: how far the next close may lie from its forecast.

A new method is one file here and one line in INTERVALS.
"""

from flows.core.intervals.adaptation import after
from flows.core.intervals.base import LEVELS, Method
from flows.core.intervals.methods import DEFAULT, INTERVALS
from flows.core.intervals.state import IntervalState
from flows.core.intervals.walk import Bands, caught_up, prediction_intervals, walk_intervals

__all__ = [
    "DEFAULT",
    "INTERVALS",
    "LEVELS",
    "Bands",
    "IntervalState",
    "Method",
    "after",
    "caught_up",
    "prediction_intervals",
    "walk_intervals",
]
