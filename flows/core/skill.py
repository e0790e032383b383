"""How good earlier forecasts were, from forecasts and the closes that came after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Scored(NamedTuple):
    """A forecast that was made before its target closed, beside the close that came."""

    as_of: str
    target: str
    model: str
    point: float
    naive: float
    lower80: float
    upper80: float
    lower95: float
    upper95: float
    actual: float


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The record of one symbol; every figure is None while nothing has been scored."""

    n: int = 0
    mse: float | None = None
    mae: float | None = None
    skill: float | None = None
    coverage80: float | None = None
    coverage95: float | None = None
    first_target: str | None = None
    last_target: str | None = None
    last: Scored | None = None
    """The newest forecast that has been scored."""


def track_record(scored: Sequence[Scored]) -> TrackRecord:
    """Return the figures over all of `scored`.

    MSE and MAE in squared and plain units of the quote's currency; skill is 1 - MSE / MSE of the naive forecast on the
    same targets; coverage is the share of closes inside the interval, between 0 and 1.
    """
    if not scored:
        return TrackRecord()
    actual = np.array([row.actual for row in scored])
    error = np.array([row.point for row in scored]) - actual
    baseline = float(np.mean((np.array([row.naive for row in scored]) - actual) ** 2))
    mse = float(np.mean(error**2))
    targets = sorted(row.target for row in scored)
    return TrackRecord(
        n=len(scored),
        mse=mse,
        mae=float(np.mean(np.abs(error))),
        skill=1 - mse / baseline if baseline > 0 else None,
        coverage80=float(np.mean([row.lower80 <= row.actual <= row.upper80 for row in scored])),
        coverage95=float(np.mean([row.lower95 <= row.actual <= row.upper95 for row in scored])),
        first_target=targets[0],
        last_target=targets[-1],
        last=max(scored, key=lambda row: row.target),
    )
