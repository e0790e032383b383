"""Made price series whose law is known, and what the contest says about many of them."""

import multiprocessing
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import partial

import numpy as np

from flows.core.backtest import Contest, hold_contest
from flows.core.bars import Bar, BarSeries, Floats, Interval, Origin
from flows.core.models import Model
from flows.core.recipe import Recipe

Maker = Callable[[int], Floats]
"""Gives the closes that belong to a seed."""


def series_of(closes: Iterable[float]) -> BarSeries:
    """Return closes as a series of daily bars."""
    first = date(2000, 1, 3)
    bars = (Bar((first + timedelta(i)).isoformat(), c, c, c, c, 1.0) for i, c in enumerate(map(float, closes)))
    return BarSeries("MADE", Interval.DAILY, Origin.SAMPLE, tuple(bars))


def random_walk(seed: int, count: int = 500) -> Floats:
    """Return prices whose logarithm is a random walk with one per cent a day: nothing can be known about the next."""
    return 100 * np.exp(np.cumsum(0.01 * np.random.default_rng(seed).normal(size=count)))


def persistent(seed: int, count: int = 2_000, phi: float = 0.6) -> Floats:
    """Return prices of which each change repeats a part of the one before it."""
    noise = np.random.default_rng(seed).normal(size=count)
    changes = np.empty(count)
    changes[0] = noise[0] / np.sqrt(1 - phi**2)
    for i in range(1, count):
        changes[i] = phi * changes[i - 1] + noise[i]
    return 1_000 + np.cumsum(changes)


def contest_over(closes: Floats, models: Sequence[Model] | None = None) -> Contest:
    """Hold the contest, of all models that take part by themselves unless others are given."""
    contest, _ = hold_contest(series_of(closes), models or Recipe().contestants(Interval.DAILY))
    return contest


def _better(make: Maker, models: Sequence[Model] | None, seed: int) -> tuple[str, ...]:
    return contest_over(make(seed), models).better


def share_better(make: Maker, seeds: Sequence[int], models: Sequence[Model] | None = None, workers: int = 1) -> float:
    """Return the share of the seeds' series on which some model is better than naive beyond chance.

    Args:
        make: Gives a series.
        seeds: Which ones.
        models: Who takes part; all that do by themselves if not given.
        workers: How many processes share the work; with more than one the progress is told on standard error.
    """
    judge = partial(_better, make, models)
    if workers == 1:
        return sum(bool(judge(seed)) for seed in seeds) / len(seeds)
    found = 0
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for done, better in enumerate(pool.map(judge, seeds), 1):
            found += bool(better)
            if done % 20 == 0:
                sys.stderr.write(f"{make.__name__}: {found} of {done} better than naive\n")
    return found / len(seeds)
