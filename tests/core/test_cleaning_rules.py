"""Tests of what cleaning promises for every answer."""

import time
from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.calendars import calendar_of
from flows.core.cleaning import Cleaned, RawBar, clean
from flows.core.errors import RejectData
from flows.core.sessions import exchange_of
from tests.core.rows import SATURDAY, WEEK, accounted, raw, row

SESSIONS = exchange_of("IBM").sessions_between("2026-06-01", "2026-11-27")
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
days = st.one_of(st.sampled_from(SESSIONS), st.dates().map(str), st.text(), st.none())
prices = st.integers(1, 30_000).map(lambda cents: f"{cents / 100:.2f}")
wild_rows = st.builds(RawBar, days, scalars, scalars, scalars, scalars, scalars)
good_rows = st.builds(row, st.sampled_from(SESSIONS), close=prices, low=st.just("0.01"), high=st.just("400"))
answers = st.lists(st.one_of(wild_rows, good_rows), max_size=30)


@given(answers)
def test_every_row_is_accounted_for(rows: list[RawBar]) -> None:
    """No cell makes cleaning fail, and each row is used, rejected, unfinished or repeated."""
    assert len(rows) == accounted(clean(raw(*rows), SATURDAY))


@given(st.lists(st.builds(RawBar, st.sampled_from(WEEK), *[st.text()] * 5), max_size=10))
def test_any_text_may_stand_in_a_cell(rows: list[RawBar]) -> None:
    """Text that is no number leads to a rejected row, never to an exception."""
    assert len(rows) == accounted(clean(raw(*rows), SATURDAY))


@given(answers, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[RawBar], random: Random) -> None:
    """A shuffled answer gives the same bars, and rejects the same rows for the same reasons."""
    shuffled = random.sample(rows, len(rows))
    first, second = clean(raw(*rows), SATURDAY), clean(raw(*shuffled), SATURDAY)
    assert first.series == second.series
    assert _rejections(first) == _rejections(second)


@given(answers)
def test_used_bars_stand_in_order_once_each(rows: list[RawBar]) -> None:
    """The series is sorted by session, without repeats, and holds sessions up to the as-of only."""
    times = [bar.time for bar in clean(raw(*rows), SATURDAY).series.bars]
    assert sorted(set(times) & set(SESSIONS)) == times
    assert all(day <= "2026-11-20" for day in times)


@given(answers, answers, st.sampled_from(SESSIONS))
def test_later_bars_do_not_touch_earlier_ones(rows: list[RawBar], later: list[RawBar], as_of: str) -> None:
    """Rows of sessions after the as-of never change the bars up to it."""
    after = [found for found in later if isinstance(found.time, str) and found.time > as_of]
    alone, together = clean(raw(*rows), SATURDAY), clean(raw(*rows, *after), SATURDAY)
    assert alone.series.until(as_of) == together.series.until(as_of)


@given(answers, st.sampled_from(SESSIONS))
def test_waiting_only_adds_bars(rows: list[RawBar], as_of: str) -> None:
    """Cleaning the same rows at a later instant gives the same bars up to the earlier as-of."""
    known = calendar_of("IBM").period(as_of).known_at
    assert clean(raw(*rows), known).series == clean(raw(*rows), datetime(2026, 12, 1, tzinfo=UTC)).series.until(as_of)


@pytest.mark.parametrize(("bad", "trusted"), [(0, True), (2, True), (3, False), (100, False)])
def test_more_than_one_in_fifty_unusable_bars_end_the_trust(bad: int, trusted: bool) -> None:
    """Of a hundred bars two may be unusable, three may not."""
    rows = [row(day, close="nan" if place < bad else "101") for place, day in enumerate(SESSIONS[:100])]
    assert trusted == _is_trusted(clean(raw(*rows), SATURDAY), SESSIONS[99])


def test_unusable_bars_after_the_as_of_do_not_count() -> None:
    """The trust in the bars up to a session is not touched by what came after it."""
    rows = [row(day, close="101" if day <= SESSIONS[49] else "nan") for day in SESSIONS[:100]]
    cleaned = clean(raw(*rows), SATURDAY)
    assert (_is_trusted(cleaned, SESSIONS[49]), _is_trusted(cleaned, SESSIONS[51])) == (True, False)


def test_nothing_at_all_is_not_distrusted() -> None:
    """An empty answer has no unusable bars: its emptiness is another step's finding."""
    clean(raw(), SATURDAY).require_trust("2026-11-20")


def test_the_distrust_names_symbol_numbers_and_reason() -> None:
    """The sentence says how many bars of how many, why, and what to do."""
    cleaned = clean(raw(row(WEEK[0]), row(WEEK[1], close="nan")), SATURDAY)
    with pytest.raises(RejectData) as caught:
        cleaned.require_trust("2026-11-20")
    assert str(caught.value).startswith(
        "IBM, clean: 1 of 2 bars up to 2026-11-20 are unusable (2026-11-17: close 'nan'"
    )
    assert "more than 2%" in str(caught.value)


@pytest.mark.parametrize("missing", [None, WEEK[3]], ids=["repeated", "rejected"])
def test_an_unusable_as_of_bar_is_an_error_of_its_own(missing: str | None) -> None:
    """Whether it is broken or contradicts itself, the sentence names the bar and its fault."""
    rows = [row(day) for day in WEEK if day != missing]
    spoilt = [*rows, row(WEEK[3], close="nan" if missing else "101.5")]
    with pytest.raises(RejectData, match=r"^IBM, clean: the bar of 2026-11-19, the last completed one, is unusable"):
        clean(raw(*spoilt), SATURDAY).require_sound(WEEK[3])


@pytest.mark.parametrize("as_of", [WEEK[2], WEEK[4], "2026-11-23"])
def test_other_unusable_bars_leave_the_as_of_bar_sound(as_of: str) -> None:
    """Only the fault of the as-of bar itself counts, an absent bar is another step's finding."""
    clean(raw(row(WEEK[2]), row(WEEK[3], close="nan"), row(WEEK[4])), SATURDAY).require_sound(as_of)


def test_a_very_long_cell_is_rejected_at_once() -> None:
    """The time to judge a cell grows with its length, not with its square."""
    before = time.perf_counter()
    cleaned = clean(raw(row("2026-11-20", close="1" * 10_000 + "x")), SATURDAY)
    assert len(cleaned.rejected) == 1
    assert time.perf_counter() - before < 0.5


def _is_trusted(cleaned: Cleaned, as_of: str) -> bool:
    try:
        cleaned.require_trust(as_of)
    except RejectData:
        return False
    return True


def _rejections(cleaned: Cleaned) -> Counter[str]:
    return Counter(map(repr, cleaned.rejected))
