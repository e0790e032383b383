"""What an adaptive method has learned so far: small enough to stand in a row of a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from flows.core.intervals.base import LEVELS


@dataclass(frozen=True, slots=True)
class IntervalState:
    """With which probabilities of a miss the next intervals are to be made, one a level."""

    method: str
    levels: tuple[float, ...]
    alphas: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse a state that no walk can have left."""
        require_levels(self.levels)
        if len(self.alphas) != len(self.levels) or not all(0 <= alpha <= 1 for alpha in self.alphas):
            raise ValueError(f"intervals: {self.alphas} are no probabilities of a miss for the levels {self.levels}")

    @classmethod
    def fresh(cls, method: str, levels: Sequence[float] = LEVELS) -> Self:
        """Return the state before anything was learned: what is wanted is what is set."""
        return cls(method, tuple(levels), tuple(1 - level for level in levels))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, float]) -> Self:
        """Read what `mapping()` wrote, in any order.

        Raises:
            ValueError: It is not the mapping of one state.
        """
        rows = sorted((float(key.rpartition(":")[2]), key.rpartition(":")[0], value) for key, value in mapping.items())
        if len({method for _, method, _ in rows}) != 1:
            raise ValueError(f"intervals: {', '.join(mapping) or 'nothing'} is not the state of one method")
        return cls(rows[0][1], tuple(level for level, _, _ in rows), tuple(float(alpha) for _, _, alpha in rows))

    def mapping(self) -> dict[str, float]:
        """Return the state as plain numbers by name, such as ``{"ewma-aci:0.8": 0.21, "ewma-aci:0.95": 0.04}``."""
        return {f"{self.method}:{level!r}": alpha for level, alpha in zip(self.levels, self.alphas, strict=True)}


def require_levels(levels: Sequence[float]) -> None:
    """Raise ValueError unless levels are probabilities in ascending order."""
    if not levels or list(levels) != sorted(set(levels)) or not 0 < levels[0] <= levels[-1] < 1:
        raise ValueError(f"intervals: levels must ascend between 0 and 1, not {tuple(levels)}")
