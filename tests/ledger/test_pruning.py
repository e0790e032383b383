"""Tests of what may be forgotten, and what never is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from flows.core.bars import Interval, SeriesId
from flows.ledger import tables
from flows.ledger.bars import keep_bars
from flows.ledger.budget import spend_request
from flows.ledger.pruning import Prunable, prunable, prune
from flows.ledger.runs import Begun, Outcome, begin_run, keep_run
from tests.core.examples import a_forecast
from tests.ledger.ledgers import LIVE, a_revision, kept_forecast, rows

BEFORE = datetime(2026, 11, 20, tzinfo=UTC)
MINUTES = SeriesId(LIVE.origin, "IBM", Interval("5min"))


@pytest.fixture
def used(ledger: Engine) -> Engine:
    """A ledger with something old and something new of each sort."""
    for number, day in ((1, -1), (2, 1)):
        at = BEFORE + timedelta(days=day)
        begin_run(ledger, Begun(f"run-{number}", "forecast-symbol", at, LIVE.origin, LIVE.interval, ("IBM",), at))
        outcome = Outcome("IBM", LIVE.origin, LIVE.interval, "2026-11-19", "data")
        keep_run(ledger, f"run-{number}", "forecast-symbol", at, "Failed", "", [outcome])
        spend_request(ledger, "account", f"{at:%Y-%m-%d}", None, "IBM, fetch")
        keep_bars(ledger, [a_revision(f"{at:%Y-%m-%d}"), a_revision(f"{at:%Y-%m-%d}T15:00:00Z", series=MINUTES)])
        kept_forecast(ledger, a_forecast(issued_at=at, as_of=f"{at:%Y-%m-%d}"))
    return ledger


@pytest.mark.parametrize("with_bars", [False, True])
def test_what_is_shown_is_what_is_deleted(used: Engine, with_bars: bool) -> None:
    """Old runs, their outcomes and request counts; bars within sessions where that is said; nothing else."""
    expected = [Prunable("outcomes", 1), Prunable("runs", 1), Prunable("requests", 1)]
    expected += [Prunable("bars", 1)] if with_bars else []
    assert expected == prunable(used, BEFORE, with_bars=with_bars)
    assert rows(used, tables.runs) == 2
    assert expected == prune(used, BEFORE, with_bars=with_bars)
    assert [rows(used, table) for table in (tables.runs, tables.outcomes, tables.requests)] == [1, 1, 1]
    assert (rows(used, tables.bars), rows(used, tables.forecasts)) == (3 if with_bars else 4, 2)
    assert all(found.rows == 0 for found in prune(used, BEFORE, with_bars=with_bars))
