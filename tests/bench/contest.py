"""The comparison of models beside the loop that a user would write, as ratios of medians."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
from statsmodels.tsa.statespace.sarimax import SARIMAX

from flows.core.backtest import contest_origins, hold_contest
from flows.core.models import MODELS
from tests.bench import results
from tests.conftest import real_series

REPEATS = 5


def loop() -> None:
    """Fit statsmodels once a forecast, as a plain loop does."""
    series = real_series("IBM")
    closes = series.closes
    for origin in np.append(contest_origins(len(closes), "IBM"), len(closes)):
        SARIMAX(closes[:origin], order=(1, 1, 0), use_exact_diffuse=True).fit(disp=0).forecast(1)


def contest() -> None:
    """Compare all our models over the same origins."""
    hold_contest(real_series("IBM"), list(MODELS.values()))


def seconds(work: Callable[[], None]) -> float:
    """Return how long one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure() -> None:
    """Run both in turn, and write down the medians."""
    loop()
    contest()
    pairs = [(seconds(contest), seconds(loop)) for _ in range(REPEATS)]
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    result = {"contest_seconds": ours, "plain_loop_seconds": theirs, "ratio": median(a / b for a, b in pairs)}
    results.show(f"Contest: 565 bars, 57 origins, median of {REPEATS}", [result])
    results.write("contest", result)
