"""Tests of the stretch that can be forecast from."""

from dataclasses import replace

import pytest

from flows.core.bars import BarSeries, Interval, Origin
from flows.core.calendars import calendar_of
from flows.core.history import LARGEST_HOLE, of_calendar, unbroken
from tests.conftest import real_series
from tests.core.examples import a_bar

IBM = real_series("IBM", newest=60)
NEW_YORK = calendar_of("IBM")


def without(series: BarSeries, first: int, count: int) -> BarSeries:
    """Return a series that lacks some bars in a row."""
    return replace(series, bars=series.bars[:first] + series.bars[first + count :])


def test_a_whole_history_is_used_whole() -> None:
    """Nothing is missing, nothing is said."""
    assert unbroken(IBM, NEW_YORK) == (IBM, ())


@pytest.mark.parametrize("count", range(1, LARGEST_HOLE + 1))
def test_a_small_hole_is_said_and_kept(count: int) -> None:
    """Single rejected bars cost a note, not the history before them."""
    series = without(IBM, 30, count)
    kept, (note,) = unbroken(series, NEW_YORK)
    assert kept == series
    assert IBM.bars[30].time in note


@pytest.mark.parametrize("count", [LARGEST_HOLE + 1, 20])
def test_a_large_hole_cuts_the_history_and_is_said(count: int) -> None:
    """Months between two closes are no daily return."""
    kept, (note,) = unbroken(without(IBM, 10, count), NEW_YORK)
    assert kept.bars == IBM.bars[10 + count :]
    assert f"{count} sessions from {IBM.bars[10].time}" in note


def test_only_the_newest_stretch_is_used() -> None:
    """Of several holes the last one decides; small ones after it are still said."""
    series = without(without(without(IBM, 50, 1), 30, 5), 10, 5)
    kept, notes = unbroken(series, NEW_YORK)
    assert kept.bars[0].time == IBM.bars[35].time
    assert len(notes) == 2


def test_nothing_is_no_hole() -> None:
    """An empty history stays empty."""
    empty = replace(IBM, bars=())
    assert unbroken(empty, NEW_YORK) == (empty, ())


def test_bars_of_no_session_are_left_out_and_said() -> None:
    """Another program may have sent a Sunday: it is not forecast from, and the note names it."""
    friday, sunday, monday = "2026-11-20", "2026-11-22", "2026-11-23"
    series = BarSeries("IBM", Interval.DAILY, Origin.CUSTOM, tuple(a_bar(day) for day in (friday, sunday, monday)))
    used, notes = of_calendar(series, calendar_of("IBM"))
    assert [bar.time for bar in used.bars] == [friday, monday]
    assert "2026-11-22" in notes[0]
    assert of_calendar(used, calendar_of("IBM")) == (used, ())
