"""Tests of what becomes of a jump when the source is asked, with a ledger and a vendor over HTTP, and without Prefect."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows.core.bars import BarRevision
from flows.core.connections import CsvConnection
from flows.core.errors import QuotaSpent, RejectData
from flows.core.splits import Split
from flows.ledger.bars import keep_bars
from flows.ledger.budget import requests_used
from flows.steps import unanswered
from flows.steps.forecasting import history_at
from tests.answers import quota
from tests.core.test_splits import a_split, raw
from tests.steps.places import DAYS, FRESH, NOW, OLD, SERIES, SLOT, Place, a_place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place with a vendor that lists nothing."""
    with a_place(tmp_path) as made:
        yield made


@pytest.mark.parametrize("listed", [OLD, DAYS[98], (date.fromisoformat(OLD) + timedelta(days=2)).isoformat()])
def test_a_listed_split_is_kept_on_the_day_on_which_prices_change(place: Place, listed: str) -> None:
    """Whichever day near it the vendor names; asked again, it stays one split."""
    place.trade(raw(SERIES, a_split(OLD, 10.0)))
    place.lists((listed, "10.0000"), ("1999-05-27", "2.0000"))
    assert (place.ask(), place.look().jumps) == ("", ())
    assert place.known == [("1999-05-27", 2.0, "vendor"), (OLD, 10.0, "vendor")]
    assert place.look().used.closes == pytest.approx(SERIES.closes)
    place.ask()
    assert len(place.known) == 2


def test_an_old_jump_that_is_not_listed_is_a_real_move(place: Place) -> None:
    """A crash by half stays in the history, and every report says so."""
    crashed = raw(SERIES, a_split(OLD, 2.0))
    place.trade(crashed)
    assert (place.ask(), place.known) == ("", [(OLD, 1.0, "vendor")])
    assert place.look().split_notes == (f"the vendor knows of no split on {OLD}: taken as a real move",)
    assert crashed == place.look().used


def test_the_vendor_may_list_it_later(place: Place) -> None:
    """When another jump makes somebody ask, what was taken as a real move becomes a split."""
    place.trade(raw(SERIES, a_split(OLD, 2.0), a_split(FRESH, 3.0)))
    place.lists((FRESH, "3"))
    place.ask()
    assert place.known == [(OLD, 1.0, "vendor"), (FRESH, 3.0, "vendor")]
    place.lists((FRESH, "3"), (OLD, "2"))
    place.ask()
    assert place.known == [(OLD, 2.0, "vendor"), (FRESH, 3.0, "vendor")]


@pytest.mark.parametrize(("sessions", "held"), [(0, True), (1, True), (2, True), (3, False), (9, False)])
def test_a_jump_is_fresh_for_three_sessions(place: Place, sessions: int, held: bool) -> None:
    """So long the vendor may be about to list its split."""
    place.trade(raw(SERIES, a_split(DAYS[-1 - sessions], 2.0)))
    assert ("asked again by the next run" in place.ask(), place.known == []) == (held, held)
    assert bool(place.look().jumps) is held


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ((), "the vendor lists none there, although prices hardly ever move so far"),
        (((OLD, "2.0000"),), f"the vendor lists one of 2:1 on {OLD}, which is not what they show"),
        (((OLD, "0.5"),), f"the vendor lists one of 1:2 on {OLD}, which is not what they show"),
    ],
)
def test_what_the_vendor_leaves_strange_stays_unexplained(
    place: Place, listed: tuple[tuple[str, str], ...], why: str
) -> None:
    """Nine tenths of a price do not vanish in a night, and 2:1 is not 10:1; a person has the last word."""
    place.trade(raw(SERIES, a_split(OLD, 10.0)))
    place.lists(*listed)
    assert (place.ask(), len(place.look().jumps)) == (why, 1)
    place.hears(Split(OLD, 10.0, "person", NOW))
    assert place.look().jumps == ()


def test_no_forecast_is_made_across_a_jump(place: Place) -> None:
    """Not by a run and not by the stream, which both take their bars from here."""
    place.trade(raw(SERIES, a_split(FRESH, 10.0)))
    with pytest.raises(RejectData, match=r"looks like a split of 10:1, and nobody knows\. No forecast is made"):
        history_at(place.ledger, SERIES.id, SLOT, NOW, "nobody knows")
    place.hears(Split(FRESH, 1.0, "person", NOW))
    assert history_at(place.ledger, SERIES.id, SLOT, NOW).used.last_time == DAYS[-1]


def test_a_person_may_deny_what_the_vendor_lists(place: Place) -> None:
    """Then it is a real move, and stays one."""
    place.trade(raw(SERIES, a_split(OLD, 2.0)))
    place.lists((OLD, "2"))
    place.ask()
    place.hears(Split(OLD, 1.0, "person", NOW))
    place.ask()
    (note,) = place.look().split_notes
    assert note.startswith(f"the move on {OLD} is a real one and no split, told by a person")


def test_each_question_costs_a_request(place: Place) -> None:
    """When the day's are used up, nobody asks, and the reason is said."""
    place.trade(raw(SERIES, a_split(FRESH, 10.0)))
    day = f"{NOW:%Y-%m-%d}"
    for used in (1, 2):
        place.ask()
        assert requests_used(place.ledger, place.parts.source.account, day) == used
    with pytest.raises(QuotaSpent) as raised:
        place.ask()
    assert len(place.server.queries) == 2
    assert unanswered("IBM", raised.value).startswith("asking for its splits failed (")


def test_the_vendors_own_count_ends_the_day(place: Place) -> None:
    """As it does for bars."""
    place.trade(raw(SERIES, a_split(FRESH, 10.0)))
    place.server.answer = lambda query: quota(query["apikey"])
    for _ in range(2):
        with pytest.raises(QuotaSpent):
            place.ask()
    assert len(place.server.queries) == 1


def test_files_are_asked_nothing(place: Place, tmp_path: Path) -> None:
    """The sentence names the source that the commands need."""
    place.trade(raw(SERIES, a_split(OLD, 10.0)), "csv-files")
    place.parts = replace(place.parts, source=CsvConnection(str(tmp_path)))
    assert (place.ask(), place.server.queries) == ("files tell of no splits", [])
    with pytest.raises(RejectData, match=f"deny IBM {OLD} --source csv-files`"):
        history_at(place.ledger, SERIES.id, SLOT, NOW)


def test_adjusted_prices_are_not_adjusted_twice(place: Place) -> None:
    """What is known of splits does nothing to them, and their jumps are the source's affair."""
    place.trade(raw(SERIES, a_split(OLD, 10.0)), "alpha-vantage, adjusted")
    place.hears(Split(FRESH, 2.0, "vendor", NOW))
    found = place.look()
    assert (found.used, found.jumps, found.split_notes) == (raw(SERIES, a_split(OLD, 10.0)), (), ())


def test_corrections_and_splits_go_together(place: Place) -> None:
    """A source that gives all its prices anew after a split has done what the known split says: it is not done twice."""
    place.trade(raw(SERIES, a_split(OLD, 10.0)))
    place.hears(Split(OLD, 10.0, "vendor", NOW))
    given = [BarRevision(*SERIES.id, 1, NOW, bar) for bar in SERIES.bars[:100]]
    keep_bars(place.ledger, given)
    found = place.look()
    assert (found.used, found.jumps) == (SERIES, ())
    assert "does not show in these prices" in found.split_notes[0]


def test_an_earlier_answer_counts_its_sessions_by_the_clock(place: Place) -> None:
    """A day of long ago is no fresh one when the vendor is asked today."""
    place.trade(raw(SERIES, a_split(FRESH, 2.0)))
    assert (place.ask(datetime(2026, 11, 23, 15, 30, tzinfo=UTC)), place.known) == ("", [(FRESH, 1.0, "vendor")])
    assert place.look().jumps == ()
