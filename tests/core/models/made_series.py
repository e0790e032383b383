"""Two hundred price series at the limits of what may come: near unit roots, constant stretches, jumps, all units."""

from collections.abc import Callable

import numpy as np

from flows.core.bars import Floats

Maker = Callable[[np.random.Generator, int], Floats]


def _autoregressive(phi: float, chance: np.random.Generator, count: int) -> Floats:
    noise = chance.normal(size=count)
    changes = np.empty(count)
    changes[0] = noise[0]
    for i in range(1, count):
        changes[i] = phi * changes[i - 1] + noise[i]
    return changes


def _above_zero(levels: Floats) -> Floats:
    """Return a series moved to where its lowest price is a fifth of its range."""
    lowest, highest = levels.min(), levels.max()
    return np.asarray(levels - lowest + 0.2 * max(highest - lowest, 1.0))


def _walk(phi: float) -> Maker:
    return lambda chance, count: _above_zero(np.cumsum(_autoregressive(phi, chance, count)))


def _with_pauses(chance: np.random.Generator, count: int) -> Floats:
    moves = chance.normal(size=count) * np.repeat(chance.random(count // 10 + 1) < 0.4, 10)[:count]
    return _above_zero(np.cumsum(moves))


def _beginning_with_a_pause(chance: np.random.Generator, count: int) -> Floats:
    moves = chance.normal(size=count)
    moves[: count // 2] = 0.0
    return _above_zero(np.cumsum(moves))


def _with_jumps(chance: np.random.Generator, count: int) -> Floats:
    moves = chance.normal(size=count)
    moves[chance.integers(0, count, 3)] *= 10_000
    return _above_zero(np.cumsum(moves))


def _in_cents(chance: np.random.Generator, count: int) -> Floats:
    return np.asarray(np.round(20 * np.exp(np.cumsum(0.001 * chance.normal(size=count))), 2), np.float64)


def _of_two_levels(chance: np.random.Generator, count: int) -> Floats:
    return np.asarray(10 + chance.integers(0, 2, count), np.float64)


def _geometric(chance: np.random.Generator, count: int) -> Floats:
    return 100 * np.exp(np.cumsum(0.02 * chance.normal(size=count)))


def _straight(chance: np.random.Generator, count: int) -> Floats:
    return 100 + chance.normal() * 0.01 * np.arange(count) + 1e-3 * chance.normal(size=count)


KINDS: dict[str, Maker] = {
    "near the unit root": _walk(0.999),
    "near the negative unit root": _walk(-0.999),
    "persistent": _walk(0.6),
    "geometric": _geometric,
    "pauses": _with_pauses,
    "a pause at first": _beginning_with_a_pause,
    "jumps": _with_jumps,
    "cents": _in_cents,
    "two levels": _of_two_levels,
    "straight": _straight,
}
COUNTS = (10, 40, 150, 500)
UNITS = (1.0, 1e-6, 1e9, 1.0, 1.0)
"""What a price of one is multiplied with."""
SERIES = tuple((kind, count, number) for kind in KINDS for count in COUNTS for number in range(len(UNITS)))
"""Two hundred: by kind, number of closes, and place among UNITS."""


def made(kind: str, count: int, number: int) -> Floats:
    """Return the closes of one of SERIES, shape (count,)."""
    chance = np.random.default_rng([list(KINDS).index(kind), count, number])
    return KINDS[kind](chance, count) * UNITS[number]
