"""Tests of scores across splits: whatever is told of them, what counts is which bars show it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from flows.core.bars import Bar, BarRevision, BarSeries, Interval
from flows.core.calendars import calendar_of
from flows.core.errors import RejectData
from flows.core.periods import Period
from flows.core.splits import Split
from flows.ledger.bars import keep_bars
from flows.ledger.forecasts import scored
from flows.ledger.placed import keep_placed, placed_since
from flows.splitting import tell
from flows.steps.forecasting import history_at
from tests.core.examples import a_forecast
from tests.core.test_splits import a_split, raw, weeks
from tests.ledger.ledgers import kept_forecast
from tests.steps.places import DAYS, FRESH, NOW, OLD, SERIES, SLOT, Place, a_place

EVENING = datetime(2026, 11, 20, 23, tzinfo=UTC)
SPLIT = raw(SERIES, a_split(OLD, 10.0))
TOLD = Split(OLD, 10.0, "vendor", NOW)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place with a vendor that lists nothing."""
    with a_place(tmp_path) as made:
        yield made


def look(place: Place, series: BarSeries, now: datetime = NOW) -> None:
    """Look at a series as a run or the stream does."""
    history_at(place.ledger, series.id, calendar_of(series.symbol, series.interval).slot(now), now)


def factors(place: Place, series: BarSeries) -> dict[str, float]:
    """Forecast each bar after the one before; return by how much an actual differs from its close, where it does."""
    for before, bar in zip(series.bars, series.bars[1:], strict=False):
        target = Period(bar.time, NOW, "America/New_York")
        kept_forecast(
            place.ledger,
            a_forecast(
                as_of=before.time,
                target=target,
                origin=series.origin,
                interval=series.interval,
                issued_at=NOW - timedelta(hours=1),
            ),
        )
    closes = {bar.time: bar.close for bar in series.bars}
    found = scored(place.ledger, series.id, "9999")
    assert len(found) == len(series) - 1
    return {one.target: round(one.actual / closes[one.target], 6) for one in found if one.actual != closes[one.target]}


@pytest.mark.parametrize(
    "words",
    [
        [TOLD],
        [replace(TOLD, effective=DAYS[98])],
        [replace(TOLD, effective=DAYS[102])],
        [replace(TOLD, effective=DAYS[98]), replace(TOLD, effective=DAYS[101], by="person")],
        [TOLD, replace(TOLD, by="person")],
        [replace(TOLD, received_at=NOW + timedelta(days=9))],
    ],
    ids=["plain", "early", "late", "twice, other days", "twice, same day", "known since"],
)
def test_the_close_on_the_bar_that_changed_is_scored_in_old_units(place: Place, words: list[Split]) -> None:
    """Whatever days are told, however often and when: one bar changed, once."""
    place.trade(SPLIT)
    place.hears(*words)
    look(place, SPLIT)
    bars = replace(SPLIT, bars=SPLIT.bars[90:110])
    assert factors(place, bars) == {OLD: 10.0}


def test_a_split_that_the_prices_do_not_show_changes_no_score(place: Place) -> None:
    """They may be adjusted already, or the word is wrong."""
    place.trade(SERIES)
    place.hears(TOLD)
    look(place, SERIES)
    assert factors(place, replace(SERIES, bars=SERIES.bars[90:110])) == {}


def test_what_a_person_denies_changes_no_score(place: Place) -> None:
    """Also where the vendor tells of a day nearby; and a word takes back at once what the last look has found."""
    place.trade(SPLIT)
    place.hears(replace(TOLD, effective=DAYS[99]))
    look(place, SPLIT)
    bars = replace(SPLIT, bars=SPLIT.bars[90:110])
    assert factors(place, bars) == {OLD: 10.0}
    tell(place.parts, "IBM", OLD, 1.0, NOW)
    assert factors(place, bars) == {}
    tell(place.parts, "IBM", OLD, 10.0, NOW + timedelta(seconds=1))
    assert factors(place, bars) == {OLD: 10.0}


def test_a_week_of_which_two_words_tell_is_scored_once(place: Place) -> None:
    """The vendor and a person name two days of one week: the week's bar shows one split."""
    slot = calendar_of("IBM", Interval.WEEKLY).slot(NOW)
    series = weeks(SPLIT).until(slot.as_of.label)
    week = next(bar.time for bar in series.bars if bar.time >= OLD)
    place.trade(series)
    place.hears(TOLD, replace(TOLD, effective=week, by="person"))
    look(place, series)
    assert factors(place, series) == {week: 10.0}


def test_a_week_of_two_splits_is_scored_with_both(place: Place) -> None:
    """Its close is in units after the second one."""
    slot = calendar_of("IBM", Interval.WEEKLY).slot(NOW)
    words = [Split(DAYS[61], 3.0, "vendor", NOW), Split(DAYS[60], 2.0, "vendor", NOW)]
    series = weeks(raw(SERIES, *words)).until(slot.as_of.label)
    place.trade(series)
    place.hears(*words)
    look(place, series)
    assert factors(place, series) == {next(bar.time for bar in series.bars if bar.time >= DAYS[61]): 6.0}


@pytest.mark.parametrize("day", ["2026-11-20", "2026-11-18"])
def test_bars_of_five_minutes_change_with_the_first_of_a_session(place: Place, day: str) -> None:
    """No other forecast of that day is made before the split."""
    calendar = calendar_of("IBM", Interval.MIN_5)
    times = calendar.labels_between("2026-11-17T00:00:00Z", "2026-11-20T23:59:59Z")
    change = next(time for time in times if time >= "2026-11-20")
    prices = [(100.0 + number % 3) * (10.0 if time < change else 1.0) for number, time in enumerate(times)]
    bars = tuple(Bar(time, *[price] * 4, 1000.0) for time, price in zip(times, prices, strict=True))  # type: ignore[call-arg]
    series = replace(SERIES, interval=Interval.MIN_5, bars=bars)
    place.trade(series)
    place.hears(Split(day, 10.0, "vendor", EVENING))
    look(place, series, EVENING)
    assert factors(place, replace(series, bars=series.bars[-100:])) == {change: 10.0}


def test_only_a_look_at_the_newest_bar_counts(place: Place) -> None:
    """A run for a day in the past, and what is older than what can be looked at, leave alone what was found."""
    place.trade(SPLIT)
    place.hears(TOLD)
    keep_placed(place.ledger, SERIES.id, "", {DAYS[0]: 2.0})
    look(place, SPLIT)
    assert placed_since(place.ledger, SERIES.id) == {DAYS[0]: 2.0, OLD: 10.0}
    past = calendar_of("IBM").slot_after(datetime.fromisoformat(DAYS[80]).date())
    history_at(place.ledger, SERIES.id, past, NOW)
    assert placed_since(place.ledger, SERIES.id) == {DAYS[0]: 2.0, OLD: 10.0}


def test_a_second_look_writes_nothing(place: Place) -> None:
    """Neither does one at a series without splits."""
    place.trade(SPLIT)
    place.hears(TOLD)
    look(place, SPLIT)
    said: list[str] = []
    event.listen(place.ledger, "before_cursor_execute", lambda *facts: said.append(facts[2].split()[0]))
    look(place, SPLIT)
    assert set(said) - {"BEGIN"} == {"SELECT"}


def test_a_series_that_is_held_back_is_looked_at_as_well(place: Place) -> None:
    """A second jump that nobody explains does not keep the first split out of the scores."""
    series = raw(SERIES, a_split(OLD, 10.0), a_split(FRESH, 3.0))
    place.trade(series)
    place.hears(TOLD)
    with pytest.raises(RejectData):
        look(place, series)
    assert placed_since(place.ledger, SERIES.id) == {OLD: 10.0}


def test_prices_that_are_given_adjusted_show_no_split(place: Place) -> None:
    """What was found of them before is taken away."""
    place.trade(SPLIT, "alpha-vantage, adjusted")
    place.hears(TOLD)
    keep_placed(place.ledger, SERIES.id, "", {OLD: 10.0})
    look(place, SPLIT)
    assert placed_since(place.ledger, SERIES.id) == {}


def test_a_correction_that_came_later_is_no_part_of_a_look(place: Place) -> None:
    """Who looks at the prices as they were an hour ago does not decide what they show now."""
    place.trade(SPLIT)
    place.hears(TOLD)
    keep_bars(place.ledger, [BarRevision(*SERIES.id, 1, SLOT.target.closes_at, SPLIT.bars[50])])
    look(place, SPLIT)
    assert placed_since(place.ledger, SERIES.id) == {}
