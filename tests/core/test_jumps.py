"""Tests of which jumps look like splits."""

import csv
import gzip
import random
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

import numpy as np
import pytest

from flows.core.bars import Bar, BarSeries, Interval, Origin
from flows.core.calendars import calendar_of
from flows.core.jumps import held_back, suspicious
from tests.conftest import SYMBOLS, real_series
from tests.core.test_splits import DAYS, SERIES, a_split, raw, weeks


@lru_cache
def as_traded(symbol: str) -> BarSeries:
    """Return real daily bars since 2000, as they were traded."""
    packed = files("bokeh_sampledata") / "_data" / "stocks.csv.gz"
    with packed.open("rb") as file, gzip.open(file, "rt", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["Ticker"] == symbol]
    bars = (Bar(r["Date"], *(float(r[name]) for name in ("Open", "High", "Low", "Close", "Volume"))) for r in rows)
    return BarSeries(symbol, Interval.DAILY, Origin.LIVE, tuple(bars))


@pytest.mark.parametrize("factor", [2.0, 3.0, 10.0, 20.0, 50.0, 1.5, 1.25, 4 / 3, 2.5, 0.5, 0.1, 1 / 25])
def test_a_split_is_seen_and_named(factor: float) -> None:
    """Forward and reverse, in real prices: the bar, both closes, and the ratio."""
    series = raw(SERIES, a_split(DAYS[60], factor))
    (jump,) = suspicious(series)
    assert (jump.since, jump.time, jump.day) == (DAYS[59], DAYS[60], DAYS[60])
    assert (jump.before, jump.after) == (series.bars[59].close, series.bars[60].close)
    assert jump.factor == pytest.approx(factor, rel=0.06)


@pytest.mark.parametrize("place", [1, 60, len(DAYS) - 1])
def test_it_is_seen_wherever_it_is(place: int) -> None:
    """After the first bar, in the middle, and on the as-of bar itself."""
    assert [jump.time for jump in suspicious(raw(SERIES, a_split(DAYS[place], 10.0)))] == [DAYS[place]]


def test_a_known_split_explains_its_jump_and_no_other() -> None:
    """Of two splits the one that nobody has told of is left; a wrong factor leaves a jump."""
    first, second = a_split(DAYS[40], 10.0), a_split(DAYS[80], 0.25)
    series = raw(SERIES, first, second)
    assert [jump.time for jump in suspicious(series)] == [DAYS[40], DAYS[80]]
    assert [jump.time for jump in suspicious(series, [first])] == [DAYS[80]]
    assert suspicious(series, [first, second]) == ()
    assert [jump.time for jump in suspicious(raw(SERIES, first), [a_split(DAYS[40], 2.0)])] == [DAYS[40]]


def test_a_persons_word_is_the_last() -> None:
    """Whatever is left of a jump that a person's split explains in part is a real move, and so is what was denied."""
    series = raw(SERIES, a_split(DAYS[40], 10.0))
    assert suspicious(series, [a_split(DAYS[40], 2.0, "person")]) == ()
    assert suspicious(series, [a_split(DAYS[40], 1.0)]) == ()
    assert suspicious(series, [a_split(DAYS[41], 1.0)]) != ()


@pytest.mark.parametrize("factor", [0.1, 0.5])
def test_a_word_that_the_prices_contradict_explains_nothing(factor: float) -> None:
    """A split the wrong way round leaves the jump as suspicious as it was."""
    series = raw(SERIES, a_split(DAYS[40], 10.0))
    assert [jump.time for jump in suspicious(series, [a_split(DAYS[40], factor, "person")])] == [DAYS[40]]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_sample_prices_have_no_split(symbol: str) -> None:
    """Three real years, whole and in the hundred bars that a free key gives."""
    series = real_series(symbol)
    windows = [replace(series, bars=series.bars[begin : begin + 100]) for begin in range(0, len(series), 50)]
    assert [found for one in (series, *windows) for found in suspicious(one)] == []


@pytest.mark.parametrize(
    ("symbol", "splits"), [("AAPL", {"2000-06-21": 2.0, "2005-02-28": 2.0}), ("MSFT", {"2003-02-18": 2.0})]
)
def test_real_splits_are_found(symbol: str, splits: dict[str, float]) -> None:
    """Every split of thirteen real years, daily and by the week, and few moves besides that the vendor has to be asked about."""
    series = as_traded(symbol)
    found = {jump.day: jump.factor for jump in suspicious(series)}
    assert splits == {day: found[day] for day in splits}
    assert len(found) <= len(splits) + 3
    told = [a_split(day, factor) for day, factor in splits.items()]
    assert not {jump.day for jump in suspicious(series, told)} & set(splits)
    assert suspicious(weeks(series), told) != suspicious(weeks(series))


def test_a_real_crash_by_half_has_to_be_denied() -> None:
    """Apple fell by 52 % in the night to 2000-09-29: prices alone cannot tell that from 2:1."""
    series = as_traded("AAPL")
    assert "2000-09-29" in {jump.day for jump in suspicious(series)}
    assert "2000-09-29" not in {jump.day for jump in suspicious(series, [a_split("2000-09-29", 1.0, "person")])}


def test_a_crash_within_the_session_is_no_split() -> None:
    """Splits take effect at the open; one that opens where it closed before has only fallen."""
    bars = list(SERIES.bars)
    close = bars[59].close
    bars[60] = bars[60]._replace(open=close * 0.99, low=close / 2.1, close=close / 2)
    bars[61:] = [Bar(b.time, b.open / 2, b.high / 2, b.low / 2, b.close / 2, b.volume) for b in bars[61:]]
    assert suspicious(replace(SERIES, bars=tuple(bars))) == ()


def test_an_open_that_repeats_the_close_before_tells_nothing() -> None:
    """Some sources have no opens: the close alone decides."""
    series = raw(SERIES, a_split(DAYS[60], 10.0))
    bars = [series.bars[0], *(b._replace(open=a.close) for a, b in zip(series.bars, series.bars[1:], strict=False))]
    assert [jump.time for jump in suspicious(replace(series, bars=tuple(bars)))] == [DAYS[60]]


def test_prices_that_stand_still_can_jump() -> None:
    """Without any ordinary move a tenth is a jump, and a percent is none."""
    still = [Bar(day, 100.0, 100.0, 100.0, 100.0, 0.0) for day in DAYS]
    split = replace(SERIES, bars=(*still[:60], *(Bar(day, 10.0, 10.0, 10.0, 10.0, 0.0) for day in DAYS[60:])))
    moved = replace(SERIES, bars=(*still[:60], *(Bar(day, 101.0, 101.0, 101.0, 101.0, 0.0) for day in DAYS[60:])))
    assert [jump.time for jump in suspicious(split)] == [DAYS[60]]
    assert suspicious(moved) == ()


def test_penny_prices_double_by_a_tick() -> None:
    """Between 0.01 and 0.02 every other move is 2:1: that is ordinary there, and 1:20 is not."""
    ticks = random.Random(1)  # noqa: S311 - prices, not secrets
    closes = [ticks.choice((0.01, 0.02)) for _ in DAYS]
    penny = replace(SERIES, bars=tuple(Bar(d, c, c, c, c, 1.0) for d, c in zip(DAYS, closes, strict=True)))
    assert suspicious(penny) == ()
    assert [jump.time for jump in suspicious(raw(penny, a_split(DAYS[60], 1 / 100)))] == [DAYS[60]]


@pytest.mark.parametrize("interval", [Interval.MONTHLY, Interval.WEEKLY, Interval.MIN_5, Interval.MIN_60])
def test_bars_of_every_interval_show_splits(interval: Interval) -> None:
    """Months move more than minutes; within a session there is no split, whatever the prices do."""
    years, weeks_ = ("2015-01-01", "2026-10-30"), ("2026-11-02T14:30:00Z", "2026-11-20T20:00:00Z")
    times = calendar_of("IBM", interval).labels_between(*(years if interval.minutes is None else weeks_))
    steps = np.random.default_rng(1).normal(0, 0.05 if interval.minutes is None else 0.003, len(times))
    closes = 100 * np.exp(np.cumsum(steps))
    bars = tuple(Bar(time, close, close, close, close, 1.0) for time, close in zip(times, closes, strict=True))
    series = BarSeries("IBM", interval, Origin.LIVE, bars)
    days = sorted({time[:10] for time in times})
    (jump,) = suspicious(raw(series, a_split(days[-3], 10.0)))
    assert jump.day == days[-3]
    inside = raw(series, a_split(times[-2], 10.0))
    assert bool(suspicious(inside)) is (interval.minutes is None)


def test_few_bars_say_nothing() -> None:
    """What is ordinary is not known yet; no forecast is made from so few anyway."""
    assert suspicious(replace(SERIES, bars=())) == ()
    assert suspicious(raw(replace(SERIES, bars=SERIES.bars[:5]), a_split(DAYS[3], 10.0))) == ()


def test_the_sentence_says_what_was_found_and_what_to_do() -> None:
    """Symbol, days, both prices, the ratio, the reason, and two commands."""
    series = raw(SERIES, a_split(DAYS[40], 2.0), a_split(DAYS[60], 1.5))
    said = str(held_back("IBM", suspicious(series), "the vendor was not asked", " --source csv-files"))
    for fact in (
        "IBM, clean: ",
        f"on {DAYS[59]} to {SERIES.bars[60].close:g} on {DAYS[60]} (before it, likewise on {DAYS[40]})",
        "a split of 3:2, and the vendor was not asked",
        f"`nextclose splits confirm IBM {DAYS[60]} 3:2 --source csv-files`",
        f"`nextclose splits deny IBM {DAYS[60]} --source csv-files`",
    ):
        assert fact in said
