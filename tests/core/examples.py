"""Values that many tests need; each can be changed by name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.core.backtest import Contest, ModelScore
from flows.core.bars import Bar, Interval, Origin
from flows.core.forecast import Forecast, Prediction
from flows.core.periods import Period

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
TARGET = Period("2026-11-23", datetime(2026, 11, 23, 21, tzinfo=UTC), "America/New_York")
CONTEST = Contest(
    (ModelScore("naive", 4.0, 1.5, 0.0), ModelScore("arima", failed="arima: no maximum was found")),
    20,
    "2026-10-23",
    "2026-11-20",
)
PREDICTION = Prediction(
    symbol="IBM",
    interval=Interval.DAILY,
    origin=Origin.LIVE,
    as_of="2026-11-20",
    target=TARGET,
    point=232.41,
    lower80=228.9,
    upper80=235.8,
    lower95=226.0,
    upper95=239.0,
    naive=232.0,
    model="naive",
    chosen_by="contest",
    contest=CONTEST,
    parameters={},
    bars=100,
    first_bar="2026-07-01",
    data_digest="0" * 64,
    code_version="0.1.0",
)


def a_bar(time: str, close: float = 100.0) -> Bar:
    """Return a possible bar that closes at `close`."""
    return Bar(time, close, close + 1, close - 1, close, 1000.0)


def a_forecast(*, issued_at: datetime = NOW, run_id: str = "run-1", backfill: bool = False, **facts: Any) -> Forecast:
    """Return a forecast whose prediction differs from PREDICTION by `facts`."""
    return Forecast(replace(PREDICTION, **facts), issued_at, run_id, backfill)


def a_session(label: str) -> Period:
    """Return a session that closes at 21:00 UTC on the day that `label` names."""
    return Period(label, datetime.fromisoformat(label).replace(tzinfo=UTC) + timedelta(hours=21), "America/New_York")
