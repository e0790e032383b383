"""The newest moves in order of size, kept as the window moves along."""

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence


class Window:
    """The last `size` of the numbers seen, of which any quantile can be read."""

    def __init__(self, size: int, seen: Sequence[float]) -> None:
        """Begin with the newest of `seen`, oldest first."""
        self._size = size
        self._recent = deque(seen[-size:])
        self._ordered = sorted(self._recent)

    def __len__(self) -> int:
        """Return how many numbers are in the window."""
        return len(self._ordered)

    def add(self, number: float) -> None:
        """Take a number in and let the oldest one go if the window is full."""
        if len(self._recent) == self._size:
            del self._ordered[bisect_left(self._ordered, self._recent.popleft())]
        self._recent.append(number)
        insort(self._ordered, number)

    def reach(self, alpha: float) -> float:
        """Return what the next number exceeds with probability `alpha`, if it is exchangeable with those seen.

        That is the number at rank (1 - alpha) (n + 1), between two ranks the straight line between their numbers;
        beyond the last rank the largest number, and infinity where nothing may be exceeded.

        Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, Distribution-Free Predictive Inference for Regression,
        Journal of the American Statistical Association 113, 2018, section 2.2, there with the next higher rank.
        """
        if alpha <= 0:
            return math.inf
        last = len(self._ordered) - 1
        rank = min(max((1 - alpha) * (last + 2) - 1, 0.0), last)
        low = int(rank)
        below, above = self._ordered[low], self._ordered[min(low + 1, last)]
        return below + (rank - low) * (above - below)
