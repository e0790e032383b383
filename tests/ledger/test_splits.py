"""Tests of what the ledger knows of splits."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from flows.core.bars import Origin
from flows.core.splits import Split, Teller
from flows.ledger.splits import all_splits, keep_splits, known_splits
from flows.ledger.tables import splits
from tests.ledger.ledgers import EVENING, rows

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


@pytest.mark.parametrize(
    ("words", "then", "now"),
    [
        ([a_split(2.0), a_split(3.0, "person", at=LATER)], a_split(2.0), a_split(3.0, "person", at=LATER)),
        ([a_split(2.0), a_split(1.0, "person", at=LATER)], a_split(2.0), a_split(1.0, "person", at=LATER)),
        ([a_split(2.0), a_split(2.0, "person", at=LATER)], a_split(2.0), a_split(2.0, "person", at=LATER)),
        ([a_split(1.0), a_split(2.0, at=LATER)], a_split(1.0), a_split(2.0, at=LATER)),
        (
            [a_split(9.0, "person"), a_split(10.0, "person", at=LATER)],
            a_split(9.0, "person"),
            a_split(10.0, "person", at=LATER),
        ),
        ([a_split(9.0, "person"), a_split(10.0, at=LATER)], a_split(9.0, "person"), a_split(9.0, "person")),
    ],
)
def test_what_counted_before_a_word_is_still_known(ledger: Engine, words: list[Split], then: Split, now: Split) -> None:
    """A forecast that was made without the later word can be made again; a list shows what counts by now."""
    assert known(ledger, *words) == [now]
    assert known_splits(ledger, Origin.LIVE, "IBM", LATER) == [now]
    assert known_splits(ledger, Origin.LIVE, "IBM", LATER - timedelta(microseconds=1)) == [then]
    assert [one.split for one in all_splits(ledger, Origin.LIVE)] == [now]


def test_a_person_may_come_back_to_an_earlier_word(ledger: Engine) -> None:
    """The newest one counts, at each instant."""
    words = [a_split(factor, "person", at=EVENING + timedelta(hours=n)) for n, factor in enumerate((2.0, 1.0, 2.0))]
    assert known(ledger, *words) == words[2:]
    for word in words:
        assert known_splits(ledger, Origin.LIVE, "IBM", word.received_at) == [word]


def test_of_two_words_in_one_instant_the_last_one_counts(ledger: Engine) -> None:
    """Nobody can have gone by the other."""
    assert known(ledger, a_split(2.0, "person"), a_split(3.0, "person")) == [a_split(3.0, "person")]


def test_only_words_that_change_something_are_stored(ledger: Engine) -> None:
    """Told again and again, a word is one row."""
    words = [a_split(1.0), a_split(2.0, at=LATER), a_split(2.0, "person", at=LATER)]
    known(ledger, *words, *(replace(word, received_at=LATER + timedelta(days=9)) for word in (*words, words[2])))
    assert rows(ledger, splits) == 3


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
