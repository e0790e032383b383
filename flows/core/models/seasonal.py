"""What happened a season ago happens again."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.core.bars import Floats, Interval
from flows.core.models.base import AT_EVERY_CLOSE, Origins

SEASONS: Mapping[Interval, int] = {
    Interval.DAILY: 5,
    Interval.WEEKLY: 52,
    Interval.MONTHLY: 12,
    Interval.MIN_1: 390,
    Interval.MIN_5: 78,
    Interval.MIN_15: 26,
    Interval.MIN_30: 13,
    Interval.MIN_60: 7,
}
"""Bars after which a pattern may repeat: a week, a year, a year, and a session of New York for bars within it."""


@dataclass(frozen=True, slots=True)
class SeasonalNaive:
    """The next close equals the one a season before it.

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.2.
    """

    season: int = SEASONS[Interval.DAILY]
    name: str = "seasonal-naive"
    refit: str = AT_EVERY_CLOSE

    @property
    def minimum_bars(self) -> int:
        """One season."""
        return self.season

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Return the close `season` bars before the one that is forecast."""
        return closes[..., origins - self.season]

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Return the season's length in bars."""
        return {"season": float(self.season)}
