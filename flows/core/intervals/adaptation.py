"""Adaptive conformal inference: each miss widens the intervals that follow, each hit narrows them a little.

After each close, ``alpha ← alpha + gamma (wanted - missed)``, where `wanted` is 1 - level and `missed` 0 or 1. Over many
closes the share of misses is then `wanted`, whatever the closes do, as long as alpha meets no limit.

Source: Gibbs and Candès, Adaptive Conformal Inference Under Distribution Shift, NeurIPS 2021, equation 2. Ours are that
gamma depends on the level, and the limits of alpha.
"""

import math
from collections.abc import Mapping

from flows.core.intervals.methods import method_called
from flows.core.intervals.state import IntervalState

GAMMA = 0.05
"""The step, in standard deviations of one hit or miss: gamma is 0.02 at 80 % and 0.011 at 95 %."""
MOST = 2
"""Alpha goes no higher than this many times `wanted`: a standstill, in which nothing misses, must not use up the width
that is needed when it ends. It goes no lower than 0, where the interval is the widest that is ever given."""


def after(state: IntervalState, missed: Mapping[float, bool]) -> IntervalState:
    """Return the state for the next close, when it is known how the last interval did.

    Args:
        state: With which the last interval was made.
        missed: For each level of the state, whether the close lay outside.

    Raises:
        FixConfiguration: There is no method of the state's name.
        KeyError: A level is not in `missed`.
    """
    if not method_called(state.method).adaptive:
        return state
    pairs = zip(state.levels, state.alphas, strict=True)
    return IntervalState(
        state.method, state.levels, tuple(adapted(level, alpha, missed[level]) for level, alpha in pairs)
    )


def adapted(level: float, alpha: float, missed: bool) -> float:
    """Return one level's alpha after one hit or miss."""
    wanted = 1 - level
    step = GAMMA * math.sqrt(wanted * level)
    return min(max(alpha + step * (wanted - missed), 0.0), MOST * wanted, 1.0)
