"""Tests that what is told of splits later leaves forecasts alone that were made before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.splits import Split
from flows.ledger.splits import keep_splits
from flows.steps.looking_back import look_back
from tests.core.test_splits import a_split, raw
from tests.steps.places import DAYS, NOW, OLD, SERIES, SLOT, Place, a_place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place with a vendor that lists nothing."""
    with a_place(tmp_path) as made:
        yield made


def test_a_split_told_later_counts_where_nothing_could_be_forecast_without_it(place: Place) -> None:
    """A forecast that was made then comes out the same again; one that was held back can be made."""
    late = NOW + timedelta(days=9)
    place.trade(raw(SERIES, a_split(OLD, 10.0)))
    place.hears(Split(OLD, 10.0, "vendor", late))
    assert (len(place.look().split_notes), place.look().jumps) == (1, ())
    small = SeriesId(Origin.CUSTOM, "MSFT", Interval.DAILY)
    series = raw(replace(SERIES, symbol="MSFT"), a_split(OLD, 1.05))
    place.trade(series)
    keep_splits(place.ledger, Origin.CUSTOM, "MSFT", [Split(OLD, 1.05, "vendor", late)])
    assert series == look_back(place.ledger, small, SLOT, NOW).used


@pytest.mark.parametrize(("day", "factor"), [(OLD, 9.0), (OLD, 10.0), (OLD, 1.0), (DAYS[102], 10.0), (DAYS[50], 1.01)])
def test_a_forecast_can_be_made_again_after_a_later_word(place: Place, day: str, factor: float) -> None:
    """A person corrects, repeats or denies what the vendor listed: the history of then stays as it was, to the last bit."""
    place.trade(raw(SERIES, a_split(OLD, 10.0), a_split(DAYS[50], 1.01)))
    place.hears(Split(OLD, 10.0, "vendor", NOW))
    before = place.look()
    place.hears(Split(day, factor, "person", NOW + timedelta(microseconds=1)))
    after = place.look()
    assert (after.used.digest, after.split_notes) == (before.used.digest, before.split_notes)


def test_a_later_word_counts_only_for_the_jump_that_was_not_explained(place: Place) -> None:
    """What was known of other days then stays, whatever has been told of them since."""
    late = NOW + timedelta(days=9)
    place.trade(raw(SERIES, a_split(DAYS[50], 2.0), a_split(OLD, 10.0)))
    place.hears(Split(DAYS[50], 2.0, "vendor", NOW), Split(OLD, 2.0, "vendor", NOW))
    assert len(place.look().jumps) == 1
    words = [(DAYS[50], 1.0), (DAYS[20], 1.01), (OLD, 10.0)]
    place.hears(*(Split(day, factor, "person", late) for day, factor in words))
    found = place.look()
    assert found.jumps == ()
    assert found.used.closes == pytest.approx(SERIES.closes)
    assert [("vendor" in note, "person" in note) for note in found.split_notes] == [(True, False), (False, True)]
