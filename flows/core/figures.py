"""What forecasts and the closes that came after them amount to, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from flows.core.bars import Floats
from flows.core.intervals.measures import coverage, coverage_band
from flows.core.scoring import TIE

CONFIDENCE = 0.95
"""Of the interval around skill, and of the bands that honest coverage lies within."""
FEWEST = 10
"""With fewer forecasts an interval around skill would mean nothing."""


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
    scale: float | None = None
    """The average absolute change in the history that it was made from."""
    code_version: str = ""
    revision: int = 0
    """Of the close: above 0 where the source has corrected it."""


Band = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """How good some forecasts were; a figure is None where there is nothing to make it of."""

    n: int = 0
    mse: float | None = None
    """In the squared currency of the price."""
    mae: float | None = None
    """In the currency of the price."""
    skill: float | None = None
    """1 - MSE / MSE of the naive forecasts of the same targets."""
    coverage80: float | None = None
    """The share of closes inside the interval, limits included."""
    coverage95: float | None = None
    first_target: str | None = None
    last_target: str | None = None
    mase: float | None = None
    """The average of each absolute error in units of the average absolute change in the history before it."""
    skill_band: Band | None = None
    """A 95 % confidence interval around skill."""
    direction: float | None = None
    """The share of right directions, of the forecasts that told one and whose close moved."""
    up_days: float | None = None
    """The share of closes above the as-of close, of those that moved."""
    band80: Band | None = None
    """Within which shares coverage would lie in 95 of 100 records if every interval kept its promise."""
    band95: Band | None = None
    unscaled: int = 0
    """Forecasts of earlier versions, whose unit of MASE is not known."""


def figures(scored: Sequence[Scored]) -> Figures:
    """Return the figures over all of `scored`, in whatever order."""
    if not scored:
        return Figures()
    columns = {name: _column(scored, name) for name in ("point", "naive", "actual")}
    error, baseline = columns["point"] - columns["actual"], columns["naive"] - columns["actual"]
    mse, naive_mse = float(np.mean(error**2)), float(np.mean(baseline**2))
    targets = [row.target for row in scored]
    direction, up_days = _directions(**columns)
    scaled = [(abs(row.point - row.actual) / row.scale) for row in scored if row.scale]
    n = len(scored)
    return Figures(
        n=n,
        mse=mse,
        mae=float(np.mean(np.abs(error))),
        skill=1 - mse / naive_mse if naive_mse > 0 else None,
        coverage80=_coverage(scored, "80", columns["actual"]),
        coverage95=_coverage(scored, "95", columns["actual"]),
        first_target=min(targets),
        last_target=max(targets),
        mase=float(np.mean(scaled)) if scaled else None,
        skill_band=_skill_band(error**2, baseline**2),
        direction=direction,
        up_days=up_days,
        band80=coverage_band(n, 0.80, CONFIDENCE),
        band95=coverage_band(n, 0.95, CONFIDENCE),
        unscaled=n - len(scaled),
    )


def _column(scored: Sequence[Scored], name: str) -> Floats:
    at = Scored._fields.index(name)
    return np.array([row[at] for row in scored], dtype=np.float64)


def _coverage(scored: Sequence[Scored], level: str, actual: Floats) -> float:
    return coverage(_column(scored, f"lower{level}"), _column(scored, f"upper{level}"), actual)


def _directions(point: Floats, naive: Floats, actual: Floats) -> tuple[float | None, float | None]:
    """Return the share of right directions, and that of closes that rose."""
    told = np.where(np.abs(point - naive) <= TIE * np.abs(naive), 0.0, np.sign(point - naive))
    came = np.sign(actual - naive)
    moved, both = came != 0, (came != 0) & (told != 0)
    direction = float(np.mean(told[both] == came[both])) if both.any() else None
    return direction, float(np.mean(came[moved] > 0)) if moved.any() else None


def _skill_band(squares: Floats, naive_squares: Floats) -> Band | None:
    """Return a confidence interval around 1 - mean(squares) / mean(naive_squares), by the variance of a ratio of means.

    Source: Cochran, Sampling Techniques, third edition, 1977, chapter 6, with Student's t for the small sample.
    """
    n, below = len(squares), float(np.mean(naive_squares))
    if n < FEWEST or below <= 0:
        return None
    from scipy.special import stdtrit

    ratio = float(np.mean(squares)) / below
    spread = np.sqrt(np.sum((squares - ratio * naive_squares) ** 2) / (n - 1) / n) / below
    reach = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2) * spread)
    return 1 - ratio - reach, 1 - ratio + reach
