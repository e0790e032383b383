"""Tests that a recorded forecast comes out the same when it is made again, and that what was altered is named."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.core.bars import Bar, Origin
from flows.core.calendars import calendar_of
from flows.core.recipe import Recipe
from flows.core.splits import Split
from flows.ledger.splits import keep_splits
from tests.desk import HOUR, SERIES, Desk, a_desk, closing


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with 100 bars of history."""
    with a_desk(tmp_path) as made:
        yield made


@pytest.mark.parametrize("count", [30, pytest.param(100, marks=pytest.mark.torture)])
def test_forecasts_come_out_the_same_and_an_altered_bar_is_named(desk: Desk, count: int) -> None:
    """Every hash and number; then one stored bar is altered: those made from it name it, the others stay the same."""
    made = desk.play(100, 100 + count)
    assert [found.differences for found in desk.replays()] == [()] * count
    altered = SERIES.bars[100 + count // 2].time
    desk.alter("UPDATE bars SET close = close + 0.01 WHERE time = :time", time=altered)
    for number, found in enumerate(map(desk.again, made)):
        assert found.is_same is (number < count // 2)
        assert found.is_same or any(
            f"the bar of {altered} (revision 0) was altered" in said for said in found.differences
        )


def test_what_came_later_plays_no_part(desk: Desk) -> None:
    """A correction, a bar that was missing, older bars from a file, a split told of: none was known then."""
    kept = SERIES.bars[97]
    desk.alter("DELETE FROM bars WHERE time = :time", time=kept.time)
    made = desk.play(100, 103)
    late = closing(105)
    desk.receive(replace(SERIES, bars=(kept,)), late)
    desk.receive(replace(SERIES, bars=(SERIES.bars[60]._replace(close=1.5, low=1.0),)), late, revision=1)
    older = [
        day for day in calendar_of("IBM").labels_between("2012-01-03", SERIES.bars[0].time) if day < SERIES.bars[0].time
    ]
    desk.receive(replace(SERIES, bars=tuple(Bar(day, 9.0, 9.5, 8.5, 9.0, 1.0) for day in older)), late)
    keep_splits(desk.engine, Origin.CUSTOM, "IBM", [Split(SERIES.bars[50].time, 1.05, "vendor", late)])
    assert [desk.again(one).differences for one in made] == [()] * 3


def test_a_correction_that_was_known_and_a_split_play_their_part(desk: Desk) -> None:
    """As they did when the forecast was made."""
    desk.play(100, 101)
    early = closing(100) + 2 * HOUR
    desk.receive(
        replace(SERIES, bars=(SERIES.bars[98]._replace(close=SERIES.bars[98].close + 0.5),)), early, revision=1
    )
    keep_splits(desk.engine, Origin.CUSTOM, "IBM", [Split(SERIES.bars[40].time, 1.04, "person", early)])
    made = desk.play(101, 103)
    assert [desk.again(one).differences for one in made] == [()] * 2


def test_a_past_instant_that_was_played_later_comes_out_the_same(desk: Desk) -> None:
    """A correction that had come before the forecast was made, but after the instant that it was made for."""
    desk.play(100, 101)
    noon, corrected = closing(101) - 6 * HOUR, SERIES.bars[98]
    desk.receive(replace(SERIES, bars=(corrected._replace(close=corrected.close + 0.5),)), noon + HOUR, revision=1)
    made = desk.forecast(SERIES.bars[100].time, Recipe(model="naive"), now=noon, issued=noon + 9 * HOUR)
    assert desk.again(made).differences == ()


def test_days_that_were_played_out_of_order_come_out_the_same(desk: Desk) -> None:
    """Bars that came with a run for a later day were used by a run for an earlier one."""
    desk.receive(replace(SERIES, bars=SERIES.bars[100:140]), closing(150))
    made = [desk.forecast(SERIES.bars[at].time) for at in (130, 110, 120)]
    assert [desk.again(one).differences for one in made] == [()] * 3


def test_models_that_draw_and_search_come_out_the_same(desk: Desk) -> None:
    """Trees, searches for an order, the combination, other intervals, a level more."""
    (made,) = desk.play(100, 101, Recipe(levels=(0.5,), intervals="empirical"))
    assert made.prediction.contest.score("random-forest").failed is None
    assert desk.again(made).differences == ()


def test_a_missing_bar_is_named(desk: Desk) -> None:
    """With how many there were and are."""
    (made,) = desk.play(100, 101)
    desk.alter("DELETE FROM bars WHERE time = :time", time=SERIES.bars[30].time)
    said = " ".join(desk.again(made).differences)
    assert f"it was made from 101 bars from {SERIES.bars[0].time} on, and 100 from" in said
    assert f"missing: {SERIES.bars[30].time}" in said


def test_a_bar_that_was_altered_together_with_its_checksum_is_not_named_but_noticed(desk: Desk) -> None:
    """The digest of all bars gives it away; which bar it is, the topic knows."""
    (made,) = desk.play(100, 101)
    desk.alter("UPDATE bars SET close = close + 0.01, checksum = NULL WHERE time = :time", time=SERIES.bars[30].time)
    (said,) = desk.again(made).differences
    assert "the ledger alone does not show which: --from-kafka compares them" in said


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE forecasts SET point = point + 0.01", "its numbers do not give its id"),
        ("UPDATE forecasts SET issued_at = '2001-01-01 00:00:00.000000'", "does not give the hash of its record"),
        ("UPDATE forecasts SET recipe = '{\"contest\": 7}'", "the recipe that it was made by cannot be read"),
        ("UPDATE forecasts SET parameters = '{\"phi\": 7}'", "the parameters were"),
    ],
)
def test_an_altered_row_is_noticed(desk: Desk, statement: str, words: str) -> None:
    """Numbers, times, recipe and parameters."""
    desk.play(100, 101)
    desk.alter(statement)
    (found,) = desk.replays()
    assert any(words in said for said in found.differences)


def test_a_forecast_from_before_recipes_were_kept_has_its_bars_compared(desk: Desk) -> None:
    """And says that its numbers were not made again; another version of the code is a note too."""
    made = desk.play(100, 102)
    desk.alter("UPDATE forecasts SET recipe = NULL, known_at = NULL WHERE forecast_id = :id", id=made[0].forecast_id)
    found = desk.again(made[0])
    assert (found.is_same, "before recipes were kept" in found.notes[0]) == (True, True)
    desk.alter("UPDATE forecasts SET recipe = 'null' WHERE forecast_id = :id", id=made[1].forecast_id)
    assert desk.again(made[1]).is_same
