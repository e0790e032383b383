"""Tests of how a day's requests are shared out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.bars import Origin
from flows.core.budget import Budget, Share, share_out
from flows.core.request import Asked, Request, plan
from tests.core.examples import NOW

NAMES = ("IBM", "MSFT", "AAPL", "GOOG", "INTC", "SPY", "BRK-B")
DUE, FRIDAY_BEFORE = "2026-11-20", "2026-11-13"
times = st.sampled_from(["2026-10-30", FRIDAY_BEFORE, "2026-11-19", DUE, "2026-11-23"])
ledgers = st.dictionaries(st.sampled_from(NAMES), times)
some_names = st.sets(st.sampled_from(NAMES))
lists = st.lists(st.sampled_from(NAMES), unique=True)
budgets = st.one_of(st.none(), st.builds(Budget, st.just("2026-11-23"), st.integers(1, 8), st.integers(0, 9)))


def asked(*symbols: str) -> list[Asked]:
    """Return what a run for these symbols asks for."""
    found, failures = plan(Request(symbols), NOW, NOW, Origin.LIVE)
    assert failures == []
    return found


def names(share: Share) -> list[list[str]]:
    """Return the symbols of each wave."""
    return [[one.series.symbol for one in wave] for wave in share.waves]


def budget(limit: int, used: int = 0) -> Budget:
    """Return a day's budget."""
    return Budget("2026-11-23", limit, used)


@pytest.mark.parametrize(("limit", "used", "left"), [(25, 0, 25), (25, 24, 1), (25, 25, 0), (25, 30, 0)])
def test_what_is_left_is_never_less_than_nothing(limit: int, used: int, left: int) -> None:
    """A limit that was lowered in the middle of the day leaves no debt."""
    assert left == budget(limit, used).left


def test_the_symbol_whose_newest_bar_is_oldest_is_served_first() -> None:
    """Nobody starves: who waited longest comes first, and who has no bars at all before that."""
    newest = {"IBM": "2026-11-19", "MSFT": FRIDAY_BEFORE, "AAPL": "2026-11-19"}
    share = share_out(asked("IBM", "MSFT", "AAPL", "GOOG"), newest, (), budget(25))
    assert names(share) == [["GOOG"], ["MSFT"], ["IBM", "AAPL"]]
    expected = "requests needed: 4, for 4 symbols; left: 25 of 25 for 2026-11-23 in New York"
    assert ({}, expected) == (dict(share.waiting), share.sentence)


def test_who_has_the_bar_that_is_due_needs_no_request() -> None:
    """It is in the first wave, and costs nothing even where nothing is left."""
    share = share_out(asked("IBM", "MSFT"), {"IBM": DUE}, (), budget(25, 25))
    assert (names(share), list(share.waiting)) == ([["IBM"]], ["MSFT"])
    assert share.sentence.startswith(
        "requests needed: 1, for 2 symbols; left: 0 of 25 for 2026-11-23 in New York; waiting"
    )


def test_who_waits_is_told_why_and_until_when() -> None:
    """The sentence names symbol, step, limit and day, and what to do about it."""
    share = share_out(asked("IBM", "MSFT"), {"MSFT": FRIDAY_BEFORE}, (), budget(1))
    error = share.waiting["MSFT"]
    assert (error.kind, names(share)) == ("quota", [["IBM"]])
    text = str(error)
    assert text.startswith("MSFT, fetch: waits, because none of the 1 requests")
    assert all(words in text for words in ("2026-11-23", "comes first in the next day's run", "raise daily_requests"))


def test_a_symbol_that_the_vendor_did_not_know_comes_last() -> None:
    """A misspelt name does not take the request of a good one every day."""
    newest = {"MSFT": "2026-11-19", "AAPL": FRIDAY_BEFORE}
    share = share_out(asked("IBM", "MSFT", "AAPL"), newest, {"IBM"}, budget(2))
    assert (names(share), list(share.waiting)) == ([["AAPL"], ["MSFT"]], ["IBM"])


def test_where_nobody_counts_all_are_served() -> None:
    """A server without a limit is asked for everything."""
    share = share_out(asked(*NAMES), {}, (), None)
    expected = f"requests needed: {len(NAMES)}, for {len(NAMES)} symbols; there is no daily limit"
    assert ([list(NAMES)], {}, expected) == (names(share), dict(share.waiting), share.sentence)


def test_nobody_asked_is_nobody_served() -> None:
    """An empty list makes no wave."""
    share = share_out([], {}, (), budget(25))
    assert (share.waves, dict(share.waiting)) == ((), {})


def test_an_earlier_as_of_needs_the_bars_that_are_due_all_the_same() -> None:
    """Which session is forecast from does not change which bar should be there."""
    found, _ = plan(Request(("IBM",), as_of=date(2026, 11, 18)), NOW, NOW, Origin.LIVE)
    share = share_out(found, {"IBM": "2026-11-18"}, (), budget(25, 25))
    assert list(share.waiting) == ["IBM"]


@given(lists, ledgers, some_names, budgets)
def test_everybody_is_served_or_waits_and_nobody_twice(
    symbols: list[str], newest: dict[str, str], doubtful: set[str], limit: Budget | None
) -> None:
    """The waves and those who wait are together exactly those who asked."""
    share = share_out(asked(*symbols), newest, doubtful, limit)
    served = [name for wave in names(share) for name in wave]
    assert sorted(symbols) == sorted([*served, *share.waiting])
    assert all(share.waves)


@given(lists, ledgers, some_names, budgets)
def test_no_more_requests_are_shared_out_than_are_left(
    symbols: list[str], newest: dict[str, str], doubtful: set[str], limit: Budget | None
) -> None:
    """Those served who need a request are as many as are left, or all."""
    share = share_out(asked(*symbols), newest, doubtful, limit)
    needy = [name for name in symbols if newest.get(name, "") < DUE]
    served = [name for wave in names(share) for name in wave if name in needy]
    left = len(needy) if limit is None else limit.left
    assert min(left, len(needy)) == len(served)
    ranks = [(name in doubtful, newest.get(name, "")) for name in served]
    assert ranks == sorted(ranks)
    assert all((name in doubtful, newest.get(name, "")) >= rank for name in share.waiting for rank in ranks)
