"""Tests of what the ledger knows of splits, and of scores across them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from flows.core.bars import Origin
from flows.core.splits import Split, Teller
from flows.ledger.bars import keep_bars
from flows.ledger.forecasts import scored
from flows.ledger.imports import claim_series
from flows.ledger.splits import all_splits, keep_splits, known_splits
from tests.core.examples import a_forecast, a_session
from tests.ledger.ledgers import EVENING, LIVE, a_revision, kept_forecast

TARGET = a_session("2026-11-20")
LATER = EVENING + timedelta(days=1)


def a_split(factor: float, by: Teller = "vendor", day: str = "2026-11-20", at: datetime = EVENING) -> Split:
    """Return a split."""
    return Split(day, factor, by, at)


def known(ledger: Engine, *words: Split) -> list[Split]:
    """Keep words one after the other, and return what is known then."""
    for word in words:
        keep_splits(ledger, Origin.LIVE, "IBM", [word])
    return known_splits(ledger, Origin.LIVE, "IBM")


def test_what_was_kept_is_known_once(ledger: Engine) -> None:
    """To the last bit and the microsecond, however often it is told, in the order of time."""
    words = [a_split(1 / 3, at=EVENING + timedelta(microseconds=1)), a_split(2.0, "person", "2026-06-01")]
    assert known(ledger, *words, a_split(1 / 3, at=LATER), a_split(2.0, "person", "2026-06-01", LATER)) == words[::-1]


@pytest.mark.parametrize(
    ("before", "after", "stays"),
    [
        (a_split(2.0), a_split(3.0, at=LATER), True),
        (a_split(2.0), a_split(1.0, at=LATER), True),
        (a_split(1.0), a_split(2.0, at=LATER), False),
        (a_split(2.0), a_split(1.0, "person", at=LATER), False),
        (a_split(2.0), a_split(2.0, "person", at=LATER), False),
        (a_split(1.0, "person"), a_split(10.0, "person", at=LATER), False),
        (a_split(10.0, "person"), a_split(2.0, at=LATER), True),
        (a_split(1.0, "person"), a_split(2.0, at=LATER), True),
    ],
)
def test_whose_word_counts(ledger: Engine, before: Split, after: Split, *, stays: bool) -> None:
    """A person's before the vendor's; the vendor corrects only that there was no split."""
    assert known(ledger, before, after) == [before if stays else after]


def test_splits_are_read_as_known_at_an_instant(ledger: Engine) -> None:
    """Nothing is known before it was received."""
    split = a_split(2.0)
    assert known(ledger, split) == [split]
    assert known_splits(ledger, Origin.LIVE, "IBM", EVENING) == [split]
    assert known_splits(ledger, Origin.LIVE, "IBM", EVENING - timedelta(microseconds=1)) == []


def test_each_symbol_and_origin_has_its_own(ledger: Engine) -> None:
    """A list of all names them by symbol."""
    keep_splits(ledger, Origin.LIVE, "MSFT", [a_split(3.0)])
    keep_splits(ledger, Origin.CUSTOM, "IBM", [a_split(4.0)])
    assert known(ledger, a_split(2.0)) == [a_split(2.0)]
    assert [(one.symbol, one.split.factor) for one in all_splits(ledger, Origin.LIVE)] == [("IBM", 2.0), ("MSFT", 3.0)]
    assert [one.split.factor for one in all_splits(ledger, Origin.LIVE, "MSFT")] == [3.0]


def actual(ledger: Engine, *splits: Split) -> list[float]:
    """Return what a forecast of 1010, made on 2026-11-19, is scored against, with these splits known."""
    facts: dict[str, Any] = {"as_of": "2026-11-19", "target": TARGET, "point": 1010.0, "naive": 1000.0}
    kept_forecast(ledger, a_forecast(issued_at=TARGET.closes_at - timedelta(hours=6), **facts))
    keep_bars(ledger, [a_revision("2026-11-19", 1000.0), a_revision("2026-11-20", 100.0)])
    keep_splits(ledger, Origin.LIVE, "IBM", splits)
    return [row.actual for row in scored(ledger, LIVE, "2026-11-20")]


def test_a_forecast_across_a_split_is_scored_in_its_own_units(ledger: Engine) -> None:
    """The close after a split of 10:1 is ten times as much in the shares that the forecast speaks of."""
    assert actual(ledger) == [100.0]
    assert actual(ledger, a_split(10.0)) == [1000.0]
    keep_bars(ledger, [a_revision("2026-11-20", 100.5, 1)])
    assert actual(ledger) == [1005.0]


@pytest.mark.parametrize(
    "split", [a_split(10.0, day="2026-11-19"), a_split(10.0, day="2026-11-21"), a_split(1.0, "person")]
)
def test_other_splits_change_no_score(ledger: Engine, split: Split) -> None:
    """One on the as-of day, one after the target, and a real move."""
    assert actual(ledger, split) == [100.0]


def test_two_splits_count_both_and_three_are_not_scored(ledger: Engine) -> None:
    """For a forecast over a month; nobody is given a score that would be wrong."""
    facts: dict[str, Any] = {"as_of": "2026-10-30", "target": TARGET, "point": 1010.0, "naive": 1000.0}
    kept_forecast(ledger, a_forecast(issued_at=TARGET.closes_at - timedelta(hours=6), **facts))
    keep_bars(ledger, [a_revision("2026-10-30", 1000.0), a_revision("2026-11-20", 100.0)])
    keep_splits(ledger, Origin.LIVE, "IBM", [a_split(5.0, day="2026-11-02"), a_split(3.0, day="2026-11-09")])
    assert [row.actual for row in scored(ledger, LIVE, "2026-11-20")] == [1500.0]
    keep_splits(ledger, Origin.LIVE, "IBM", [a_split(2.0, day="2026-11-16")])
    assert scored(ledger, LIVE, "2026-11-20") == []


def test_adjusted_prices_are_scored_by_their_own_scale(ledger: Engine) -> None:
    """The source gives the as-of close anew after the split: that factor counts, and not twice."""
    claim_series(ledger, LIVE, "alpha-vantage, adjusted")
    keep_bars(ledger, [a_revision("2026-11-19", 100.0, 1, EVENING)])
    assert actual(ledger, a_split(10.0)) == [1000.0]
