"""Tests of what a request means on each symbol's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.calendars import calendar_of
from flows.core.recipe import ContestKind, Recipe
from flows.core.request import Asked, Request, plan
from tests.core.examples import NOW

LATER = NOW + timedelta(days=3)
days = st.dates(date(2025, 1, 1), date(2026, 11, 20))


def asked(request: Request, now: datetime = NOW, clock: datetime = NOW, origin: Origin = Origin.LIVE) -> Asked:
    """Return the one symbol's part of a request that can be met."""
    (found,), failures = plan(request, now, clock, origin)
    assert failures == []
    return found


def test_a_request_is_about_the_next_close() -> None:
    """Without an as-of the newest completed session is the one, and its bar is due."""
    expected = Asked(
        SeriesId(Origin.LIVE, "IBM", Interval.DAILY), calendar_of("IBM").slot(NOW), "2026-11-20", Recipe(), False
    )
    assert expected == asked(Request(("IBM",)))


def test_a_request_hands_its_recipe_on_to_every_symbol() -> None:
    """What a person chose decides about each of the symbols."""
    chosen = Recipe(model="drift", contest=ContestKind.CHEAP, levels=(0.5,))
    found, _ = plan(Request(("IBM", "MSFT"), recipe=chosen), NOW, NOW, Origin.LIVE)
    assert [chosen, chosen] == [part.recipe for part in found]


def test_each_symbol_is_planned_in_its_place() -> None:
    """The symbols keep their order, and one that cannot be asked for stops no other."""
    found, failures = plan(Request(("IBM", "TSCO.LSE", "MSFT")), NOW, NOW, Origin.LIVE)
    assert [part.series.symbol for part in found] == ["IBM", "MSFT"]
    assert [(f.symbol, f.step, f.kind, f.due) for f in failures] == [
        ("TSCO.LSE", "request", "symbol", NOW.date().isoformat())
    ]


def test_an_earlier_as_of_is_a_backfill() -> None:
    """A forecast whose target has closed already is never counted."""
    found = asked(Request(("IBM",), as_of=date(2026, 11, 18)))
    assert (found.slot.as_of.label, found.slot.target.label, found.backfill) == ("2026-11-18", "2026-11-19", True)
    assert found.due == "2026-11-20"


@pytest.mark.parametrize("as_of", [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)])
def test_the_weekend_stands_for_friday(as_of: date) -> None:
    """An as-of on a closed day is the session before it, here the newest one."""
    found = asked(Request(("IBM",), as_of=as_of))
    assert (found.slot.as_of.label, found.backfill) == ("2026-11-20", False)


@pytest.mark.parametrize("as_of", [date(2026, 11, 23), date(2026, 12, 24), date(2035, 12, 31), date(2040, 1, 2)])
def test_an_as_of_in_the_future_is_a_failure(as_of: date) -> None:
    """A session that is not over cannot be forecast from, and the other symbols' plan goes on."""
    found, failures = plan(Request(("IBM",), as_of=as_of), NOW, NOW, Origin.LIVE)
    assert (found, [failure.step for failure in failures]) == ([], ["request"])


@pytest.mark.parametrize(("origin", "backfill"), [(Origin.LIVE, True), (Origin.SAMPLE, False), (Origin.CUSTOM, False)])
def test_a_live_run_for_a_past_instant_is_a_backfill(origin: Origin, backfill: bool) -> None:
    """Only live data can be looked up after the fact; sample data may be played."""
    assert backfill == asked(Request(("IBM",)), clock=LATER, origin=origin).backfill


@pytest.mark.parametrize(("seconds", "backfill"), [(60, False), (61, True)])
def test_a_clock_may_be_a_minute_off(seconds: int, backfill: bool) -> None:
    """A run does not become the past while it starts."""
    assert backfill == asked(Request(("IBM",)), clock=NOW + timedelta(seconds=seconds)).backfill


@given(days, st.integers(0, 23))
def test_what_is_not_backfill_is_about_a_close_to_come(as_of: date, hour: int) -> None:
    """A forecast that counts is made before its target closes."""
    now = datetime(2026, 11, 20, hour, tzinfo=UTC)
    for found in plan(Request(("IBM",), as_of=as_of), now, now, Origin.LIVE)[0]:
        assert found.backfill == (now >= found.slot.target.closes_at)
        assert found.slot.as_of.label <= found.due


def test_live_data_cannot_be_played_ahead() -> None:
    """A running bar must not be taken for a final one because somebody set the clock forward."""
    ahead = NOW + timedelta(days=3)
    found, (failure,) = plan(Request(("IBM",)), ahead, NOW, Origin.LIVE)
    assert (found, failure.kind) == ([], "configuration")


@pytest.mark.parametrize("symbol", ["I B M", "", "ibm", "IBM\n", "SS\u00df", "X" * 31, "(EMPTY)"])
def test_what_cannot_be_a_symbol_is_a_failure_of_its_own(symbol: str) -> None:
    """One bad name on a watchlist is told, and stops no other."""
    found, (failure,) = plan(Request((symbol, "IBM")), NOW, NOW, Origin.LIVE)
    assert ([part.series.symbol for part in found], failure.kind) == (["IBM"], "symbol")
