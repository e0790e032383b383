"""Tests of histories whose prices were given anew on another scale, and of loads that a broker can hold."""

from datetime import UTC, datetime, timedelta

import pytest

from flows.core.bars import Change
from flows.core.cleaning import Cleaned
from flows.core.history import one_scale
from flows.core.loads import loads
from tests.conftest import real_series

SERIES = real_series("IBM", 100)
FIRST = datetime(2013, 3, 1, 22, tzinfo=UTC)


def changed(begin: int, end: int, factor: float, received_at: datetime = FIRST) -> list[Change]:
    """Return the changes of an answer that gave these bars anew."""
    return [Change(received_at, bar.time, bar.close / factor, bar.close) for bar in SERIES.bars[begin:end]]


def test_bars_older_than_a_rescaled_answer_are_not_used() -> None:
    """Half the price since the fortieth bar: what lies before it would look like a crash."""
    kept, (note,) = one_scale(SERIES, changed(40, 99, 0.5))
    assert SERIES.bars[40:] == kept.bars
    assert note.startswith(f"the prices from {SERIES.bars[40].time} on were given anew on another scale; the 40 bars")


@pytest.mark.parametrize(("begin", "end", "factor"), [(40, 44, 0.5), (40, 99, 1.004), (0, 99, 0.5), (40, 40, 1.0)])
def test_corrections_and_whole_histories_given_anew_cost_no_bar(begin: int, end: int, factor: float) -> None:
    """A few bars, small changes, or all bars at once leave no seam."""
    assert one_scale(SERIES, changed(begin, end, factor)) == (SERIES, ())


def test_the_latest_answer_decides() -> None:
    """After a second dividend, the scale begins where the second answer does."""
    later = changed(60, 99, 0.9, FIRST + timedelta(days=90))
    kept, _ = one_scale(SERIES, [*changed(40, 99, 0.5), *later])
    assert SERIES.bars[60:] == kept.bars


@pytest.mark.parametrize("size", [7, 100, 1_000])
def test_loads_hold_every_bar_once_and_in_order(size: int) -> None:
    """However small the loads, each symbol's bars come in their order, and no symbol twice in one load."""
    cleaned = {name: Cleaned(real_series(name, 30), FIRST) for name in ("IBM", "MSFT", "AAPL")}
    found = loads(cleaned, size)
    for name, whole in cleaned.items():
        pieces = [load[name].series.bars for load in found if name in load]
        assert whole.series.bars == tuple(bar for piece in pieces for bar in piece)
    assert max(sum(len(piece.series) for piece in load.values()) for load in found) <= size
