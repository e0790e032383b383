"""Tests of holes in weekly, monthly and intraday histories."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.bars import BarSeries, Interval, Origin
from flows.core.calendars import calendar_of
from flows.core.history import MOST_MINUTES, unbroken
from tests.core.examples import a_bar

SPANS = {
    Interval.WEEKLY: ("2024-01-05", "2026-11-20"),
    Interval.MONTHLY: ("2015-01-30", "2026-10-30"),
    Interval.MIN_1: ("2026-11-18T14:30:00Z", "2026-11-20T20:59:00Z"),
    Interval.MIN_5: ("2026-11-09T14:30:00Z", "2026-11-20T20:55:00Z"),
    Interval.MIN_15: ("2026-11-02T14:30:00Z", "2026-11-20T20:45:00Z"),
    Interval.MIN_30: ("2026-11-02T14:30:00Z", "2026-11-20T20:30:00Z"),
    Interval.MIN_60: ("2026-11-02T14:00:00Z", "2026-11-20T20:00:00Z"),
}
SMALL = [
    (Interval.WEEKLY, 2),
    (Interval.MONTHLY, 2),
    (Interval.MIN_1, 389),
    (Interval.MIN_5, 77),
    (Interval.MIN_15, 25),
    (Interval.MIN_30, 12),
    (Interval.MIN_60, 6),
]
"""For each interval the most bars that may be missing in a row: two, or one fewer than a session has."""


def history(interval: Interval) -> BarSeries:
    """Return a whole history."""
    labels = calendar_of("IBM", interval).labels_between(*SPANS[interval])
    return BarSeries("IBM", interval, Origin.LIVE, tuple(map(a_bar, labels)))


def without(series: BarSeries, first: int, count: int) -> BarSeries:
    """Return a series that lacks some bars in a row."""
    return replace(series, bars=series.bars[:first] + series.bars[first + count :])


def used(series: BarSeries) -> tuple[BarSeries, tuple[str, ...]]:
    """Return the stretch that is forecast from, and its notes."""
    return unbroken(series, calendar_of(series.symbol, series.interval))


@pytest.mark.parametrize("interval", SPANS)
def test_a_whole_history_is_used_whole(interval: Interval) -> None:
    """Nights, weekends, holidays and the hours after an early close are no holes; only the newest bars count."""
    series = history(interval)
    kept, notes = used(series)
    assert (series.bars[-MOST_MINUTES:], len(series) > MOST_MINUTES) == (kept.bars, bool(notes))


@pytest.mark.parametrize(("interval", "count"), SMALL)
def test_a_small_hole_is_said_and_kept(interval: Interval, count: int) -> None:
    """Two weeks or months, or the greater part of a session, cost a note and no history."""
    series = without(history(interval), 20, count)
    kept, (note,) = used(series)
    assert (series, True) == (kept, note.startswith(f"no bar is known for {count} of the times in between: "))


@pytest.mark.parametrize(("interval", "count"), SMALL)
def test_one_more_bar_makes_it_a_large_hole(interval: Interval, count: int) -> None:
    """Three weeks or months, or a whole session: the bars before it are not used, and the note says which."""
    whole = history(interval)
    first, last = whole.bars[20].time, whole.bars[20 + count].time
    kept, (note,) = used(without(whole, 20, count + 1))
    assert whole.bars[21 + count :] == kept.bars
    assert note.startswith(f"{count + 1} {interval.span}s from {first} to {last} are missing in the ledger")


def test_a_hole_among_bars_too_old_to_be_used_is_not_told() -> None:
    """Of minutes only the newest thousand are forecast from: what lacks before them does not matter."""
    whole = history(Interval.MIN_1)
    assert len(whole) > MOST_MINUTES + 50
    series = without(whole, 5, 40)
    kept, notes = used(series)
    assert whole.bars[-MOST_MINUTES:] == kept.bars
    assert notes == (f"only the newest {MOST_MINUTES} of {len(series)} bars are used",)


@given(st.sampled_from([Interval.WEEKLY, Interval.MONTHLY, Interval.MIN_30]), st.sets(st.integers(0, 119)))
def test_the_newest_bar_is_always_kept_and_the_rest_are_neighbours(interval: Interval, gone: set[int]) -> None:
    """What is kept is the end of what was given, without a large hole in it."""
    whole = history(interval)
    series = replace(whole, bars=tuple(bar for place, bar in enumerate(whole.bars[:121]) if place not in gone))
    kept, notes = used(series)
    assert series.bars[len(series) - len(kept) :] == kept.bars
    assert kept.bars[-1] == series.bars[-1]
    assert kept == used(kept)[0]
    assert bool(notes) == (
        len(calendar_of("IBM", interval).labels_between(series.bars[0].time, series.bars[-1].time)) > len(series)
    )
