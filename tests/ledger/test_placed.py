"""Tests of what the ledger keeps of the bars that show splits, and of scores across them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from flows.core.bars import Interval, Origin, SeriesId
from flows.ledger.bars import keep_bars
from flows.ledger.forecasts import scored
from flows.ledger.imports import claim_series
from flows.ledger.placed import is_newest, keep_placed, placed_since
from flows.ledger.splits import keep_splits
from tests.core.examples import a_forecast, a_session
from tests.ledger.ledgers import EVENING, LIVE, a_revision, kept_forecast
from tests.ledger.test_splits import a_split

TARGET = a_session("2026-11-20")
OTHERS = (
    LIVE._replace(origin=Origin.CUSTOM),
    LIVE._replace(symbol="MSFT"),
    LIVE._replace(interval=Interval.WEEKLY),
)


def actual(ledger: Engine, series: SeriesId = LIVE, as_of: str = "2026-11-19", **placed: float) -> list[float]:
    """Return what a forecast of 1010 is scored against; d20=10 says that the bar of 2026-11-20 shows a split of 10:1."""
    facts: dict[str, Any] = {"as_of": as_of, "target": TARGET, "point": 1010.0, "naive": 1000.0}
    kept_forecast(ledger, a_forecast(issued_at=TARGET.closes_at - timedelta(hours=6), **facts))
    keep_bars(ledger, [a_revision(as_of, 1000.0), a_revision("2026-11-20", 100.0)])
    keep_placed(ledger, series, "", {f"2026-11-{day[1:]}": factor for day, factor in placed.items()})
    return [row.actual for row in scored(ledger, LIVE, "2026-11-20")]


def test_a_forecast_across_a_split_is_scored_in_its_own_units(ledger: Engine) -> None:
    """The close after a split of 10:1 is ten times as much in the shares that the forecast speaks of."""
    assert actual(ledger) == [100.0]
    assert actual(ledger, d20=10.0) == [1000.0]
    keep_bars(ledger, [a_revision("2026-11-20", 100.5, 1)])
    assert actual(ledger, d20=10.0) == [1005.0]


def test_splits_on_other_bars_change_no_score(ledger: Engine) -> None:
    """One on the as-of day, and one after the target."""
    assert actual(ledger, d19=10.0, d21=3.0) == [100.0]


@pytest.mark.parametrize("series", OTHERS)
def test_splits_of_other_series_change_no_score(ledger: Engine, series: SeriesId) -> None:
    """Each origin, symbol and interval has its own bars."""
    assert actual(ledger, series, d20=10.0) == [100.0]


def test_what_is_only_told_changes_no_score(ledger: Engine) -> None:
    """Somebody's word counts as soon as the bars are looked at, and as far as they show it."""
    keep_splits(ledger, Origin.LIVE, "IBM", [a_split(10.0)])
    assert actual(ledger) == [100.0]


def test_two_splits_count_both_and_three_are_not_scored(ledger: Engine) -> None:
    """For a forecast over a month; nobody is given a score that would be wrong."""
    assert actual(ledger, as_of="2026-11-01", d02=5.0, d09=3.0) == [1500.0]
    assert actual(ledger, as_of="2026-11-01", d02=5.0, d09=3.0, d16=2.0) == []


def test_adjusted_prices_are_scored_by_their_own_scale(ledger: Engine) -> None:
    """The source gives the as-of close anew after the split: that factor counts, and not twice."""
    claim_series(ledger, LIVE, "alpha-vantage, adjusted")
    keep_bars(ledger, [a_revision("2026-11-19", 100.0, 1, EVENING)])
    assert actual(ledger, d20=10.0) == [1000.0]


def test_a_new_look_replaces_what_it_looked_at(ledger: Engine) -> None:
    """What is gone is taken away, what changed is changed; what is older, or another series', stays."""
    for series in (LIVE, *OTHERS):
        keep_placed(ledger, series, "", {"2020-01-02": 2.0, "2026-11-18": 3.0, "2026-11-19": 1 / 3})
    keep_placed(ledger, LIVE, "2020-01-02", {"2026-11-19": 4.0, "2026-11-20": 5.0})
    assert placed_since(ledger, LIVE) == {"2020-01-02": 2.0, "2026-11-19": 4.0, "2026-11-20": 5.0}
    keep_placed(ledger, LIVE, "2020-01-02", {})
    assert placed_since(ledger, LIVE) == {"2020-01-02": 2.0}
    for series in OTHERS:
        assert placed_since(ledger, series) == {"2020-01-02": 2.0, "2026-11-18": 3.0, "2026-11-19": 1 / 3}


def test_the_same_again_is_not_written(ledger: Engine) -> None:
    """Every run looks; hardly any finds something new."""
    keep_placed(ledger, LIVE, "", {"2026-11-19": 1 / 3})
    said: list[str] = []
    event.listen(ledger, "before_cursor_execute", lambda *facts: said.append(facts[2]))
    keep_placed(ledger, LIVE, "", {"2026-11-19": 1 / 3})
    assert {one.split()[0] for one in said} - {"BEGIN"} == {"SELECT"}


def test_the_newest_look_knows_every_bar_and_correction(ledger: Engine) -> None:
    """A bar that came later, or a correction that was received later, is not known to who looks at less."""
    keep_bars(ledger, [a_revision("2026-11-19"), a_revision("2026-11-20", 100.0, 0, EVENING)])
    keep_bars(ledger, [a_revision("2026-11-23", series=OTHERS[0])])
    early = EVENING - timedelta(hours=1)
    assert is_newest(ledger, LIVE, "2026-11-20", early)
    assert not is_newest(ledger, LIVE, "2026-11-19", EVENING)
    keep_bars(ledger, [a_revision("2026-11-19", 101.0, 1, EVENING)])
    assert is_newest(ledger, LIVE, "2026-11-20", EVENING)
    assert not is_newest(ledger, LIVE, "2026-11-20", early)
