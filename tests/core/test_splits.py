"""Tests of histories across splits: what adjusting does, and which bar a split belongs to."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.backtest import contest_origins, hold_contest
from flows.core.bars import Bar, BarSeries, Interval
from flows.core.models import MODELS
from flows.core.split_words import coming_notes, factor_in, ratio_in_words, real_move_notes, scale_notes
from flows.core.splits import Split, adjusted, moves, place
from tests.conftest import real_series
from tests.core.examples import a_bar

TOLD = datetime(2013, 3, 1, 22, tzinfo=UTC)
SERIES = real_series("IBM", 120)
DAYS = [bar.time for bar in SERIES.bars]


def a_split(day: str, factor: float, by: str = "vendor") -> Split:
    """Return a split."""
    return Split(day, factor, "person" if by == "person" else "vendor", TOLD)


def raw(series: BarSeries, *splits: Split) -> BarSeries:
    """Return the series as it would have been traded if these splits had happened, its newest bar untouched."""
    bars = []
    for bar in series.bars:
        factor = math.prod(split.factor for split in splits if bar.time < split.effective)
        bars.append(Bar(bar.time, *(price * factor for price in bar[1:5]), bar.volume / factor))  # type: ignore[call-arg]
    return replace(series, bars=tuple(bars))


def numbers(series: BarSeries) -> list[Sequence[float]]:
    """Return every number of every bar."""
    return [bar[1:] for bar in series.bars]


def weeks(series: BarSeries) -> BarSeries:
    """Return the weekly bars that daily ones make."""
    found: dict[tuple[int, int], list[Bar]] = {}
    for bar in series.bars:
        found.setdefault(date.fromisoformat(bar.time).isocalendar()[:2], []).append(bar)
    bars = tuple(
        Bar(
            week[-1].time,
            week[0].open,
            max(bar.high for bar in week),
            min(bar.low for bar in week),
            week[-1].close,
            sum(bar.volume for bar in week),
        )
        for week in found.values()
    )
    return replace(series, interval=Interval.WEEKLY, bars=bars)


factors = st.sampled_from([2.0, 10.0, 1.5, 50.0, 0.125, 1 / 30])


@given(st.lists(st.tuples(st.sampled_from(DAYS), factors), max_size=3, unique_by=lambda one: one[0]))
def test_adjusting_undoes_what_splits_do(told: list[tuple[str, float]]) -> None:
    """Whatever splits happen, forward or reverse, the models see the history that it would have been without."""
    splits = [a_split(*one) for one in told]
    assert numbers(adjusted(raw(SERIES, *splits), splits)) == [pytest.approx(bar) for bar in numbers(SERIES)]


@given(factors, factors, st.sampled_from(DAYS))
def test_adjusting_goes_with_every_change_of_units(unit: float, factor: float, day: str) -> None:
    """Prices in other units give adjusted prices in those units."""
    split = [a_split(day, factor)]
    scaled = raw(SERIES, a_split("9999-12-31", unit))
    expected = raw(adjusted(SERIES, split), a_split("9999-12-31", unit))
    assert numbers(adjusted(scaled, split)) == [pytest.approx(bar) for bar in numbers(expected)]


def test_the_newest_bars_stay_as_they_are() -> None:
    """To the last bit: also the as-of close, and everything where no split is known or one is still to come."""
    split = a_split(DAYS[60], 7.0)
    assert adjusted(raw(SERIES, split), [split]).bars[60:] == SERIES.bars[60:]
    for unmoved in ([], [a_split("2013-03-02", 7.0)], [a_split(DAYS[0], 7.0)], [a_split(DAYS[60], 1.0)]):
        assert adjusted(SERIES, unmoved) == SERIES


def test_a_contest_is_the_same_as_without_the_split() -> None:
    """A split of 10:1 in the middle of the closes that are compared changes neither ranking nor skill."""
    history = real_series("MSFT", 300)
    origins = contest_origins(len(history), "MSFT")
    split = a_split(history.bars[origins[len(origins) // 2]].time, 10.0)
    models = [MODELS[name] for name in ("naive", "drift", "arima")]
    plain, _ = hold_contest(history, models)
    mended, _ = hold_contest(adjusted(raw(history, split), [split]), models)
    torn, _ = hold_contest(raw(history, split), models[:1])
    names = [score.name for score in plain.scores]
    assert names == [score.name for score in mended.scores]
    assert [score.skill for score in plain.scores] == pytest.approx([score.skill for score in mended.scores], abs=1e-6)
    assert (torn.score("naive").mse or 0) > 100 * (plain.score("naive").mse or 0)


@pytest.mark.parametrize("told", [-4, -1, 0, 1, 4])
@pytest.mark.parametrize("factor", [10.0, 0.1, 1.5])
def test_a_date_nearby_is_that_of_the_bar_that_changes(told: int, factor: float) -> None:
    """Whoever tells the day of the paying out, or a holiday, does not make two jumps of one."""
    split = a_split(DAYS[60], factor)
    day = date.fromordinal(date.fromisoformat(DAYS[60]).toordinal() + told).isoformat()
    (found,) = place(raw(SERIES, split), [a_split(day, factor)]).shown
    assert found[0] == 60
    even = adjusted(raw(SERIES, split), [found[1]])
    assert np.abs(moves(even)).max() == pytest.approx(np.abs(moves(SERIES)).max())


def test_prices_that_do_not_show_a_split_are_left_alone() -> None:
    """A person's file may be adjusted already: the split is named and not done a second time."""
    placed = place(SERIES, [a_split(DAYS[60], 10.0)])
    assert (placed.shown, placed.splits) == ((), ())
    (note,) = scale_notes(placed, SERIES)
    assert note.startswith(f"the split of 10:1 on {DAYS[60]}, told by the vendor on 2013-03-01, does not show")


@pytest.mark.parametrize("day", [DAYS[0], "2001-01-01", "2013-09-01"])
def test_a_split_outside_the_bars_is_no_matter(day: str) -> None:
    """Before the second bar, or after the last one, nothing is adjusted and nothing said."""
    placed = place(SERIES, [a_split(day, 10.0)])
    assert (placed.shown, placed.hidden) == ((), ())


def test_the_same_split_told_twice_is_done_once() -> None:
    """A person and the vendor may name days that differ: the second word finds nothing left to explain."""
    split = a_split(DAYS[60], 10.0)
    placed = place(raw(SERIES, split), [split, a_split(DAYS[62], 10.0, "person")])
    assert (placed.splits, [one.effective for one in placed.hidden]) == ((split,), [DAYS[62]])


def test_what_a_person_denied_no_word_nearby_brings_back() -> None:
    """The vendor's day may differ from that of the jump; the person has looked at the jump."""
    split = a_split(DAYS[60], 2.0)
    words = [a_split(DAYS[59], 2.0), a_split(DAYS[60], 1.0, "person")]
    assert place(raw(SERIES, split), words).shown == ()
    assert place(raw(SERIES, split), words[:1]).shown[0][0] == 60


def test_two_splits_in_one_week_are_both_done() -> None:
    """The weekly close shows their product."""
    splits = [a_split(DAYS[61], 3.0), a_split(DAYS[60], 2.0)]
    assert date.fromisoformat(DAYS[60]).isocalendar()[:2] == date.fromisoformat(DAYS[61]).isocalendar()[:2]
    even = adjusted(weeks(raw(SERIES, *splits)), place(weeks(raw(SERIES, *splits)), splits).splits)
    assert weeks(SERIES).closes == pytest.approx(even.closes)


def test_a_week_is_in_the_units_of_its_last_session() -> None:
    """A split on a Wednesday: the closes of all weeks fit together."""
    middle = next(day for day in DAYS[50:] if date.fromisoformat(day).weekday() == 2)
    split = a_split(middle, 4.0)
    even = adjusted(weeks(raw(SERIES, split)), [split])
    assert weeks(SERIES).closes == pytest.approx(even.closes)


def test_bars_within_a_session_change_with_its_first_one() -> None:
    """Instants and dates are compared as text."""
    times = ("2026-11-19T20:50:00Z", "2026-11-19T20:55:00Z", "2026-11-20T14:30:00Z", "2026-11-20T14:35:00Z")
    bars = tuple(a_bar(time, close) for time, close in zip(times, (500.0, 502.0, 50.3, 50.1), strict=True))
    series = replace(SERIES, interval=Interval.MIN_5, bars=bars)
    assert list(adjusted(series, [a_split("2026-11-20", 10.0)]).closes) == [50.0, 50.2, 50.3, 50.1]


@pytest.mark.parametrize(
    ("text", "factor", "words"),
    [("10", 10, "10:1"), ("10:1", 10, "10:1"), ("1:8", 0.125, "1:8"), ("3:2", 1.5, "3:2"), ("1.046", 1.046, "523:500")],
)
def test_a_ratio_is_read_as_people_write_it(text: str, factor: float, words: str) -> None:
    """And written again."""
    assert factor_in(text) == factor
    assert words == ratio_in_words(factor)
    assert factor_in(words) == pytest.approx(factor)


@pytest.mark.parametrize("text", ["", "ten", "0", "1", "2:2", "1:0", "-3", "1e3", "nan", "10:1:1", "99999", "1:99999"])
def test_what_is_no_ratio_is_none(text: str) -> None:
    """Neither is one for one: that is no split."""
    assert factor_in(text) is None


def test_what_a_split_leaves_of_a_jump_is_said() -> None:
    """A ratio that fits only partly is questioned."""
    series, word = raw(SERIES, a_split(DAYS[60], 20.0)), a_split(DAYS[60], 10.0, "person")
    placed = place(series, [word])
    _, left = scale_notes(placed, adjusted(series, [word]))
    assert left.startswith("without the split of 10:1 the close still moves by -")


def test_the_notes_say_what_was_done() -> None:
    """Divided or multiplied, by whose word; real moves; and what is still to come."""
    splits = [a_split(DAYS[30], 10.0), a_split(DAYS[60], 0.125, "person")]
    series = raw(SERIES, *splits)
    done, reverse = scale_notes(place(series, splits), adjusted(series, splits))
    assert done == f"prices before {DAYS[30]} are divided by 10: a split, told by the vendor on 2013-03-01"
    assert reverse == f"prices before {DAYS[60]} are multiplied by 8: a reverse split, told by a person on 2013-03-01"
    (crash,) = real_move_notes(SERIES, [a_split(DAYS[30], 1.0), a_split("2001-01-01", 1.0)])
    assert crash == f"the vendor knows of no split on {DAYS[30]}: taken as a real move"
    assert coming_notes(splits, DAYS[59], DAYS[60])[0].endswith("the forecast is in prices before it")
    assert coming_notes(splits, DAYS[60], DAYS[61]) == ()
