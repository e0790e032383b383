"""A walk-forward of ARIMA(1,1,0), by ours and by what one would write with the libraries."""

import warnings
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import numpy as np

from flows.core.backtest import hold_contest
from flows.core.bars import Bar, BarSeries, Floats, Interval, Origin
from flows.core.models import MODELS, Origins
from tests.bench.timed import Answer, answer, closes, origins, timed

Walk = Callable[[Floats, Origins], Floats]
ORDER = (1, 1, 0)


def ours(known: Floats, from_where: Origins) -> Floats:
    """Fit the exact model at every origin."""
    return MODELS["arima"].walk(known, from_where)


def series_of(known: Floats) -> BarSeries:
    """Return bars with these closes."""
    days = (date(2000, 1, 1) + timedelta(days=number) for number in range(len(known)))
    bars = tuple(Bar(day.isoformat(), x, x, x, x, 1.0) for day, x in zip(days, known.tolist(), strict=True))
    return BarSeries("BENCH", Interval.DAILY, Origin.SAMPLE, bars)


def plain(known: Floats, from_where: Origins) -> Floats:
    """Fit statsmodels anew at every origin."""
    from statsmodels.tsa.arima.model import ARIMA

    return np.array([ARIMA(known[:origin], order=ORDER).fit().forecast(1)[0] for origin in from_where])


def append(known: Floats, from_where: Origins) -> Floats:
    """Fit statsmodels once, and append each close without fitting."""
    from statsmodels.tsa.arima.model import ARIMA

    fit = ARIMA(known[: from_where[0]], order=ORDER).fit()
    said = [fit.forecast(1)[0]]
    for origin in from_where[:-1]:
        fit = fit.append(known[origin : origin + 1], refit=False)
        said.append(fit.forecast(1)[0])
    return np.array(said)


def statsforecast(known: Floats, from_where: Origins, *, refit: bool) -> Floats:
    """Let statsforecast cross-validate one step ahead."""
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast.models import ARIMA

    frame = pd.DataFrame({"unique_id": "BENCH", "ds": np.arange(len(known)), "y": known})
    engine = StatsForecast([ARIMA(order=ORDER)], freq=1)
    found = engine.cross_validation(1, frame, n_windows=len(from_where), step_size=1, refit=refit)
    return np.asarray(found["ARIMA"], dtype=np.float64)


WALKS: dict[str, Walk] = {
    "ours": ours,
    "plain loop": plain,
    "append, no refit": append,
    "statsforecast, refit": partial(statsforecast, refit=True),
    "statsforecast, no refit": partial(statsforecast, refit=False),
}


def _walked(asked: Answer) -> list[Answer]:
    """Walk over each case with one method."""
    walk = WALKS[asked["what"]]
    warm = closes(("GOOG", 60))
    walk(warm, origins(60))
    found = []
    for case in asked["cases"]:
        known, where = closes(case), origins(case[1])
        said: list[Floats] = []
        times = timed(lambda: said.append(walk(known, where)), asked["repeats"])  # noqa: B023 - called here
        found.append({**times, "forecasts": said[0].tolist()})
    return found


def _held(asked: Answer) -> list[Answer]:
    """Compare naive and arima over each case, from bars to scores."""
    models = [MODELS["naive"], MODELS["arima"]]
    hold_contest(series_of(closes(("GOOG", 60))), models)
    found = []
    for case in asked["cases"]:
        history = series_of(closes(case))
        times = timed(partial(hold_contest, history, models), asked["repeats"])
        found.append({**times, "forecasts": hold_contest(history, models)[1]["arima"].forecasts.tolist()})
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    answer({**dict.fromkeys(WALKS, _walked), "ours, in a contest": _held})
