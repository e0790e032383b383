"""Tests of bars, of the digest over them, and of what is worth sending."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.bars import Bar, BarSeries, Interval, Origin, SeriesId, revisions_to_send
from tests.core.examples import a_bar

RECEIVED = datetime(2026, 11, 20, 22, tzinfo=UTC)
DAYS = ("2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20")
Versions = dict[str, tuple[int, Bar]]
numbers = st.floats(0.01, 1e6)
bars = st.builds(Bar, st.sampled_from(DAYS), numbers, numbers, numbers, numbers, numbers)
several_bars = st.lists(bars, unique_by=lambda bar: bar.time).map(sorted)


def series(*given_bars: Bar, symbol: str = "IBM", origin: Origin = Origin.LIVE) -> BarSeries:
    """Return a series of these bars."""
    return BarSeries(symbol, Interval.DAILY, origin, given_bars)


def upserted(known: Versions, vendor: BarSeries) -> Versions:
    """Return what is known after the revisions of a vendor's answer were kept."""
    return known | {sent.bar.time: (sent.revision, sent.bar) for sent in revisions_to_send(vendor, known, RECEIVED)}


def test_a_series_tells_its_closes_and_its_newest_time() -> None:
    """Closes are an array of floats, oldest first."""
    two = series(a_bar("2026-11-19", 10.0), a_bar("2026-11-20", 11.0))
    assert (len(two), two.closes.tolist(), str(two.closes.dtype)) == (2, [10.0, 11.0], "float64")
    assert two.last_time == "2026-11-20"


def test_an_empty_series_has_no_newest_time() -> None:
    """Without bars there is nothing to name."""
    empty = series()
    assert (len(empty), empty.closes.tolist(), empty.last_time) == (0, [], None)


def test_a_series_is_named_by_origin_symbol_and_interval() -> None:
    """The id tells sample data from live data of the same symbol."""
    assert SeriesId(Origin.SAMPLE, "IBM", Interval.DAILY) == series(origin=Origin.SAMPLE).id


@pytest.mark.parametrize(("time", "count"), [("2026-11-15", 0), ("2026-11-18", 3), ("2026-11-21", 5)])
def test_until_includes_its_day(time: str, count: int) -> None:
    """The bars up to a day are those whose time is no later."""
    assert tuple(map(a_bar, DAYS[:count])) == series(*map(a_bar, DAYS)).until(time).bars


def test_equal_series_have_equal_digests() -> None:
    """The digest depends on nothing but what it is made over."""
    assert series(*map(a_bar, DAYS)).digest == series(*map(a_bar, DAYS)).digest


@given(several_bars.filter(bool), st.data())
def test_the_digest_changes_with_any_number(before: list[Bar], data: st.DataObject) -> None:
    """One other number in one bar is another digest."""
    place = data.draw(st.integers(0, len(before) - 1))
    name = data.draw(st.sampled_from(Bar._fields[1:]))
    changed = Bar(**{**before[place]._asdict(), name: data.draw(numbers)})
    after = [*before[:place], changed, *before[place + 1 :]]
    assert (before == after) == (series(*before).digest == series(*after).digest)


@given(several_bars, several_bars)
def test_different_series_have_different_digests(one: list[Bar], other: list[Bar]) -> None:
    """A bar more, a bar less, another day: each is another digest."""
    assert (one == other) == (series(*one).digest == series(*other).digest)


def test_the_digest_tells_symbols_and_origins_apart() -> None:
    """The same bars of another symbol or origin are other data."""
    bar = a_bar("2026-11-20")
    digests = {series(bar).digest, series(bar, symbol="MSFT").digest, series(bar, origin=Origin.SAMPLE).digest}
    assert len(digests) == 3


def test_a_new_bar_is_sent_as_revision_zero() -> None:
    """What nobody has seen is the first version."""
    (sent,) = revisions_to_send(series(a_bar("2026-11-20")), {}, RECEIVED)
    expected = (Origin.LIVE, "IBM", Interval.DAILY, 0, RECEIVED, a_bar("2026-11-20"))
    assert expected == sent


def test_a_known_bar_is_not_sent_again() -> None:
    """What is known already needs no record."""
    known = {"2026-11-20": (3, a_bar("2026-11-20"))}
    assert revisions_to_send(series(a_bar("2026-11-20")), known, RECEIVED) == ()


def test_a_corrected_bar_is_sent_with_the_next_number() -> None:
    """A difference in any number is a revision of the newest version."""
    known = {"2026-11-20": (3, a_bar("2026-11-20"))}
    (sent,) = revisions_to_send(series(a_bar("2026-11-20")._replace(volume=1001.0)), known, RECEIVED)
    assert (sent.revision, sent.bar.volume) == (4, 1001.0)


def test_a_bar_that_the_vendor_no_longer_gives_is_left_alone() -> None:
    """A compact answer does not revise the bars that it does not hold."""
    assert revisions_to_send(series(), {"2026-11-20": (0, a_bar("2026-11-20"))}, RECEIVED) == ()


@given(several_bars, several_bars)
def test_sending_twice_equals_sending_once(first: list[Bar], second: list[Bar]) -> None:
    """After an answer was kept, the same answer holds nothing to send."""
    known = upserted(upserted({}, series(*first)), series(*second))
    assert revisions_to_send(series(*second), known, RECEIVED) == ()
    assert known == upserted(known, series(*second))


@given(several_bars, several_bars)
def test_the_newest_version_is_what_the_vendor_gave_last(first: list[Bar], second: list[Bar]) -> None:
    """Later values win, bars not given again stay, and each change counts by one."""
    known = upserted(upserted({}, series(*first)), series(*second))
    old, new = {bar.time: bar for bar in first}, {bar.time: bar for bar in second}
    assert old | new == {time: bar for time, (_, bar) in known.items()}
    changed = {time for time in old.keys() & new.keys() if old[time] != new[time]}
    assert changed == {time for time, (revision, _) in known.items() if revision}
