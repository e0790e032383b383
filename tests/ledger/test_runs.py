"""Tests of how runs ended, and of the request budget."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from flows.core.bars import Interval, Origin
from flows.core.errors import QuotaSpent
from flows.ledger import tables
from flows.ledger.budget import spend_request
from flows.ledger.runs import Outcome, keep_run
from tests.core.examples import NOW, a_forecast
from tests.ledger.ledgers import LIVE, a_ledger, at_once, kept_forecast, rows

ACCOUNT = "www.alphavantage.co"
WHO = "IBM, fetch"


def broken(
    symbol: str = "IBM", origin: Origin = Origin.LIVE, due: str = "2026-11-20", outcome: str = "data"
) -> Outcome:
    """Return how a run ended whose data could not be used."""
    return Outcome(symbol, origin, Interval.DAILY, due, outcome, "clean", f"{symbol}, clean: 3 of 100 bars")


def kept(ledger: Engine, run_id: str, *symbols: Outcome, outcome: str = "Sent") -> None:
    """Keep a run."""
    keep_run(ledger, run_id, "forecast-watchlist", NOW, outcome, "1 forecast", symbols)


def spend(ledger: Engine, limit: int | None = 2, day: str = "2026-11-20", account: str = ACCOUNT) -> bool:
    """Spend one request, and say whether there was one left."""
    try:
        spend_request(ledger, account, day, limit, WHO)
    except QuotaSpent:
        return False
    return True


def test_a_run_is_kept_with_its_symbols(ledger: Engine) -> None:
    """How it ended as a whole, and for each symbol, with the forecast or the reason."""
    forecast = kept_forecast(ledger, a_forecast())
    good = Outcome("IBM", Origin.LIVE, Interval.DAILY, "2026-11-20", "forecast", forecast_id=forecast.forecast_id)
    kept(ledger, "run-1", good, broken("MSFT"))
    with ledger.connect() as connection:
        run = connection.execute(select(tables.runs)).one()
        found = connection.execute(select(tables.outcomes).order_by(tables.outcomes.c.symbol)).all()
    assert tuple(run)[:5] == ("run-1", "forecast-watchlist", NOW, "Sent", "1 forecast")
    assert [good, broken("MSFT")] == [Outcome(**{n: getattr(row, n) for n in Outcome._fields}) for row in found]


def test_keeping_a_run_again_changes_nothing(ledger: Engine) -> None:
    """A task that is retried tells the same story once."""
    kept(ledger, "run-1", broken())
    kept(ledger, "run-1", broken(outcome="retry"), outcome="Failed")
    with ledger.connect() as connection:
        assert list(connection.execute(select(tables.runs.c.outcome)).scalars()) == ["Sent"]
    assert rows(ledger, tables.outcomes) == 1


def test_a_run_without_symbols_is_kept(ledger: Engine) -> None:
    """A run that had nothing to do is remembered too."""
    kept(ledger, "run-1", outcome="Nothing new")
    assert (rows(ledger, tables.runs), rows(ledger, tables.outcomes)) == (1, 0)


def test_a_run_names_only_forecasts_that_were_kept(ledger: Engine) -> None:
    """A forecast is recorded before anybody speaks of it, and a run that fails to is not kept by halves."""
    with pytest.raises(IntegrityError):
        kept(ledger, "run-1", Outcome("IBM", *LIVE[::2], "2026-11-20", "forecast", forecast_id="0" * 64))
    assert rows(ledger, tables.runs) == 0


def test_the_budget_of_a_day_has_an_end(ledger: Engine) -> None:
    """The error names the symbol, the limit, the day and what to do."""
    assert [spend(ledger), spend(ledger)] == [True, True]
    with pytest.raises(QuotaSpent, match=r"^IBM, fetch: the 2 requests .* on 2026-11-20 are used up\. Run again"):
        spend_request(ledger, ACCOUNT, "2026-11-20", 2, WHO)


def test_every_day_and_account_has_its_own_budget(ledger: Engine) -> None:
    """Tomorrow, and another server, begin at nothing."""
    assert [spend(ledger), spend(ledger), spend(ledger)] == [True, True, False]
    assert [spend(ledger, day="2026-11-21"), spend(ledger, account="127.0.0.1:8080")] == [True, True]


def test_a_refused_request_is_not_counted(ledger: Engine) -> None:
    """A limit that was raised leaves what is left under it."""
    assert [spend(ledger, limit) for limit in (1, 1, 1, 2, 2)] == [True, False, False, True, False]


def test_a_budget_of_nothing_allows_nothing(ledger: Engine) -> None:
    """Zero is a limit, not its absence."""
    assert (spend(ledger, 0), rows(ledger, tables.requests)) == (False, 0)


def test_without_a_limit_requests_are_counted_all_the_same(ledger: Engine) -> None:
    """A limit that is set later knows what went before."""
    assert [spend(ledger, limit) for limit in (None, None, None, 3)] == [True] * 3 + [False]


def test_threads_share_one_budget(ledger: Engine) -> None:
    """Ten requests at once under a limit of four are four."""
    assert sum(at_once(10, lambda _: spend(ledger, 4))) == 4


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(["2026-11-20", "2026-11-21"]), st.integers(0, 3)), max_size=8))
def test_spending_is_counting(wishes: list[tuple[str, int]]) -> None:
    """A request is granted as long as fewer were granted that day than its limit allows."""
    used = {"2026-11-20": 0, "2026-11-21": 0}
    with a_ledger() as ledger:
        for day, limit in wishes:
            expected = used[day] < limit
            assert expected == spend(ledger, limit, day)
            used[day] += expected


def test_what_cannot_be_a_symbol_is_kept_cut(ledger: Engine) -> None:
    """A watchlist may hold a text of any length, twice: the run is on record all the same."""
    kept(ledger, "run-1", broken("X" * 99), broken("X" * 98), broken())
    assert (rows(ledger, tables.runs), rows(ledger, tables.outcomes)) == (1, 2)
