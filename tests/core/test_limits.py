"""Tests of what the intervals of one forecast take over from the forecast before, and what they are measured by."""

from dataclasses import replace

import numpy as np
import pytest

from flows.core.backtest import Walk, contest_origins
from flows.core.bars import Bar, BarSeries
from flows.core.errors import FixConfiguration, TooLittleHistory
from flows.core.intervals import IntervalState, after, caught_up
from flows.core.limits import Earlier, Limits, limits_for
from tests.conftest import real_series

HISTORY = real_series("IBM", newest=120)
STATE = IntervalState("ewma-aci", (0.80, 0.95), (0.25, 0.03))


def naive(history: BarSeries) -> Walk:
    """Return the walk that repeats the last close."""
    origins = contest_origins(len(history), "IBM")
    return Walk("naive", history.closes[origins - 1], float(history.closes[-1]))


def made(earlier: Earlier | None, history: BarSeries = HISTORY) -> Limits:
    """Return the limits of the next close around the last one."""
    return limits_for(history, naive(history), "ewma-aci", earlier=earlier)


def before(place: int, *, width: float = 0.01, state: IntervalState = STATE, unit: float = 1.0) -> Earlier:
    """Return a forecast that was made `place` bars before the last one, its limits this far away as a share of the close."""
    bar = HISTORY.bars[-1 - place]
    close = bar.close * unit
    around = (close * (1 - width), close * (1 + width))
    return Earlier(bar.time, close, state, {0.80: around, 0.95: around})


@pytest.mark.parametrize(("width", "missed"), [(0.9, False), (1e-9, True)])
def test_the_last_hit_or_miss_is_learned_from(width: float, *, missed: bool) -> None:
    """The state is that of the forecast before, moved by how its own interval did."""
    expected = after(STATE, {0.80: missed, 0.95: missed})
    assert expected == made(before(1, width=width)).state


def test_days_without_a_forecast_are_caught_up() -> None:
    """Bars that came while nothing was forecast are judged as if the close before each had been the forecast."""
    seen = after(STATE, {0.80: False, 0.95: False})
    assert caught_up(seen, HISTORY.closes, len(HISTORY) - 3) == made(before(4, width=0.9)).state


def test_a_split_in_between_changes_nothing() -> None:
    """Limits in old units are compared in relative terms."""
    assert made(before(1, width=0.5)).state == made(before(1, width=0.5, unit=10.0)).state


@pytest.mark.parametrize(
    "earlier",
    [
        before(1, state=IntervalState("gaussian", (0.80, 0.95), (0.2, 0.05))),
        replace(before(1), as_of="1999-01-04"),
        before(0),
    ],
    ids=["another method", "a bar that is not used", "the same bar"],
)
def test_what_cannot_be_taken_over_is_rehearsed(earlier: Earlier) -> None:
    """The intervals then learn from the history, as if nothing had been kept."""
    assert made(None).state == made(earlier).state


def test_a_level_that_was_not_kept_is_rehearsed_beside_those_that_were() -> None:
    """A person may ask for one more level from one day to the next."""
    kept = made(before(1)).state
    both = limits_for(HISTORY, naive(HISTORY), "ewma-aci", (0.5,), before(1)).state
    alone = limits_for(HISTORY, naive(HISTORY), "ewma-aci", (0.5,)).state
    assert both.alphas == (alone.alphas[0], *kept.alphas)


def test_coverage_is_that_of_a_recount() -> None:
    """The share of the contest's closes inside the intervals that each would have been given."""
    origins = contest_origins(len(HISTORY), "IBM")
    inside = []
    for origin in origins.tolist():
        known = replace(HISTORY, bars=HISTORY.bars[:origin])
        lower, upper = made(None, known).around[0.80]
        inside.append(lower <= HISTORY.closes[origin] <= upper)
    assert made(None).coverage[0.80] == pytest.approx(np.mean(inside))


def test_an_unknown_method_is_refused() -> None:
    """The error names those that there are."""
    with pytest.raises(FixConfiguration, match="Choose one of ewma-aci"):
        limits_for(HISTORY, naive(HISTORY), "crystal")


def test_a_method_that_needs_more_closes_says_so() -> None:
    """Of a history that is long enough for its last interval alone, nothing could be measured."""
    short = replace(HISTORY, bars=HISTORY.bars[:40])
    with pytest.raises(TooLittleHistory, match="garch-t need 60 closes"):
        limits_for(short, naive(short), "garch-t")


def test_a_history_of_sixty_bars_has_an_interval_by_garch_and_nothing_measured() -> None:
    """No share is given where no close could be compared."""
    bars = tuple(Bar(b.time, *b[1:]) for b in HISTORY.bars[:60])
    history = replace(HISTORY, bars=bars)
    found = limits_for(history, naive(history), "garch-t")
    assert found.coverage == {}
    assert found.around[0.95][0] < history.closes[-1] < found.around[0.95][1]
