"""Tests of the bars that are kept, with their revisions and offsets."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from flows.core.bars import Bar, BarRevision, Interval, Origin, SeriesId
from flows.core.errors import RejectData
from flows.core.positions import Stored
from flows.ledger.bars import history, keep_bars, newest_versions, stored_offsets
from flows.ledger.tables import bars
from tests.core.examples import a_bar
from tests.ledger.ledgers import EVENING, LIVE, a_ledger, a_revision, read_up_to, rows

MSFT = SeriesId(Origin.LIVE, "MSFT", Interval.DAILY)
CUSTOM = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)
DAYS = ("2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20")
versions = st.builds(
    a_revision,
    st.sampled_from(DAYS),
    st.sampled_from([90.0, 100.0, 110.0]),
    st.integers(0, 3),
    st.integers(-48, 48).map(lambda hours: EVENING + timedelta(hours=hours)),
    st.sampled_from([LIVE, MSFT, CUSTOM]),
)


def first_kept(given_versions: Iterable[BarRevision]) -> list[BarRevision]:
    """Return the versions of the live series that stay, the first of each identity."""
    kept: dict[tuple[SeriesId, str, int], BarRevision] = {}
    for version in given_versions:
        kept.setdefault((SeriesId(*version[:3]), version.bar.time, version.revision), version)
    return [version for (series, _, _), version in kept.items() if series == LIVE]


def newest(given_versions: Iterable[BarRevision]) -> dict[str, tuple[int, Bar]]:
    """Return the newest version of each day."""
    return {version.bar.time: (version.revision, version.bar) for version in sorted(given_versions, key=_number)}


def _number(version: BarRevision) -> int:
    return version.revision


@settings(max_examples=25)
@given(st.lists(versions, max_size=12), st.sampled_from(DAYS), st.integers(-50, 50))
def test_a_ledger_remembers_like_a_dictionary(given_versions: list[BarRevision], until: str, hours: int) -> None:
    """Newest versions and any cut of the history are those of a recount in plain Python."""
    known_at = EVENING + timedelta(hours=hours)
    with a_ledger() as ledger:
        for version in given_versions:
            keep_bars(ledger, [version])
        kept = first_kept(given_versions)
        assert newest(kept) == newest_versions(ledger, LIVE)
        known = [v for v in kept if v.bar.time <= until and (v.revision == 0 or v.received_at <= known_at)]
        expected = tuple(bar for _, (_, bar) in sorted(newest(known).items()))
        assert expected == history(ledger, LIVE, until, known_at).bars


@settings(max_examples=15)
@given(st.lists(versions, max_size=12))
def test_keeping_twice_equals_keeping_once(given_versions: list[BarRevision]) -> None:
    """Records that are read again after a crash do no harm."""
    with a_ledger() as ledger:
        keep_bars(ledger, given_versions)
        once = newest_versions(ledger, LIVE), rows(ledger, bars)
        keep_bars(ledger, given_versions)
        assert once == (newest_versions(ledger, LIVE), rows(ledger, bars))


def test_a_version_that_is_there_stays_as_it_is(ledger: Engine) -> None:
    """The same identity with other numbers is not taken over."""
    keep_bars(ledger, [a_revision("2026-11-20", 100.0)])
    keep_bars(ledger, [a_revision("2026-11-20", 999.0), a_revision("2026-11-19", 98.0)])
    assert {"2026-11-19": (0, a_bar("2026-11-19", 98.0)), "2026-11-20": (0, a_bar("2026-11-20", 100.0))} == (
        newest_versions(ledger, LIVE)
    )


def test_a_correction_counts_from_when_it_was_received(ledger: Engine) -> None:
    """A replay of an earlier evening sees the bar as it was then."""
    later = EVENING + timedelta(days=2)
    keep_bars(ledger, [a_revision("2026-11-20", 100.0), a_revision("2026-11-20", 101.0, 1, later)])
    closes = [
        history(ledger, LIVE, "2026-11-20", instant).closes.tolist()
        for instant in (EVENING, later - timedelta(microseconds=1), later)
    ]
    assert closes == [[100.0], [100.0], [101.0]]


def test_a_correction_counts_from_that_very_instant(ledger: Engine) -> None:
    """A run forecasts from what it has just received: bars are kept in the form in which instants are compared."""
    keep_bars(ledger, [a_revision("2026-11-20", 100.0), a_revision("2026-11-20", 101.0, 1, EVENING)])
    assert history(ledger, LIVE, "2026-11-20", EVENING).closes[-1] == 101.0
    assert history(ledger, LIVE, "2026-11-20", EVENING - timedelta(microseconds=1)).closes[-1] == 100.0


def test_a_first_version_counts_whenever_it_was_received(ledger: Engine) -> None:
    """Bars of old sessions are usable for a backfill though they were fetched today."""
    keep_bars(ledger, [a_revision("2026-11-20", received_at=datetime(2027, 1, 1, tzinfo=UTC))])
    assert len(history(ledger, LIVE, "2026-11-20", EVENING)) == 1


def test_an_instant_may_be_given_on_any_clock(ledger: Engine) -> None:
    """Another zone's writing of the same instant gives the same history."""
    keep_bars(ledger, [a_revision("2026-11-20"), a_revision("2026-11-20", 101.0, 1, EVENING)])
    for hours in (-12, 0, 14):
        elsewhere = EVENING.astimezone(timezone(timedelta(hours=hours)))
        assert history(ledger, LIVE, "2026-11-20", elsewhere).closes.tolist() == [101.0]


def test_a_history_names_its_series(ledger: Engine) -> None:
    """An empty history is one of the series that was asked for."""
    found = history(ledger, CUSTOM, "2026-11-20", EVENING)
    assert (found.id, found.bars) == (CUSTOM, ())


def test_a_series_sees_only_its_own_bars(ledger: Engine) -> None:
    """Symbols and origins never mix."""
    for close, series in ((1.5, LIVE), (2.5, MSFT), (3.5, CUSTOM)):
        keep_bars(ledger, [a_revision("2026-11-20", close, series=series)])
    assert [history(ledger, series, "2026-11-20", EVENING).closes.tolist() for series in (LIVE, MSFT, CUSTOM)] == [
        [1.5],
        [2.5],
        [3.5],
    ]


def test_numbers_come_back_to_the_last_bit(ledger: Engine) -> None:
    """A replay from the ledger has the digest of the first run."""
    bar = Bar("2026-11-20", 0.1 + 0.2, 1e15 + 0.3, 5e-324, 1 / 3, 123456789012345.0)
    keep_bars(ledger, [BarRevision(*LIVE, 0, EVENING, bar)])
    assert (bar,) == history(ledger, LIVE, "2026-11-20", EVENING).bars


def test_offsets_are_kept_for_each_cluster_and_topic(ledger: Engine) -> None:
    """Each place to go on from is overwritten by the next, and touches no other."""
    keep_bars(ledger, [], read_up_to(p0=5, p1=7))
    keep_bars(ledger, [], read_up_to(p1=9))
    keep_bars(ledger, [], read_up_to(cluster="two", p1=2))
    keep_bars(ledger, [], read_up_to(topic="sample.bars", p0=1))
    expected = [Stored("one", "", 0, 5), Stored("one", "", 1, 9), Stored("two", "", 1, 2)]
    assert expected == sorted(stored_offsets(ledger, "bars"))
    assert stored_offsets(ledger, "other") == []


def test_without_bars_there_is_nothing_to_do(ledger: Engine) -> None:
    """An empty batch is no fault."""
    keep_bars(ledger, [])
    assert rows(ledger, bars) == 0


@pytest.mark.parametrize(
    ("symbol", "offset", "error"),
    [(None, 7, IntegrityError), ("IBM", 2**70, (OverflowError, RejectData))],
    ids=["bar", "offset"],
)
def test_bars_and_offsets_are_kept_together_or_not_at_all(
    ledger: Engine, symbol: Any, offset: int, error: type[Exception]
) -> None:
    """A transaction that fails, on a bar or on an offset, leaves neither behind."""
    given_bars = [a_revision("2026-11-19"), a_revision("2026-11-20")._replace(symbol=symbol)]
    with pytest.raises(error):
        keep_bars(ledger, given_bars, read_up_to(p0=1, p1=offset))
    assert (rows(ledger, bars), stored_offsets(ledger, "bars")) == (0, [])
