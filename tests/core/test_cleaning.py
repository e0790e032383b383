"""Tests of what happens to each kind of row."""

import pytest

from flows.core.bars import Bar, Interval, Origin
from flows.core.cleaning import RawBar, RawSeries, clean
from flows.core.errors import RejectSymbol
from tests.core.rows import SATURDAY, WEEK, accounted, raw, row

FAULTS = [
    (row("2026-11-31"), "'2026-11-31' is not a date"),
    (row("20261120"), "'20261120' is not a date"),
    (row("2026-11-20 "), "'2026-11-20 ' is not a date"),
    (row("2026-11-20T16:00"), "is not a date"),
    (row(""), "'' is not a date"),
    (row(None), "None is not a date"),
    (row(20261120), "20261120 is not a date"),
    (row("2025-11-27"), "XNYS was closed on this day"),
    (row("2026-11-15"), "XNYS was closed on this day"),
    (row("0001-01-01"), "lies outside the calendar of XNYS"),
    (row("2026-11-19", open="nan"), "open 'nan' is not a finite number"),
    (row("2026-11-19", high="None"), "high 'None' is not a finite number"),
    (row("2026-11-19", low="1e400"), "low '1e400' is not a finite number"),
    (row("2026-11-19", close=True), "close True is not a finite number"),
    (row("2026-11-19", close=None), "close None is not a finite number"),
    (row("2026-11-19", volume="inf"), "volume 'inf' is not a finite number"),
    (row("2026-11-19", open=float("nan")), "open nan is not a finite number"),
    (row("2026-11-19", open=""), "open '' is not a finite number"),
    (row("2026-11-19", open="1_00"), "open '1_00' is not a finite number"),
    (row("2026-11-19", open="0x64"), "open '0x64' is not a finite number"),
    (row("2026-11-19", open="1,00"), "open '1,00' is not a finite number"),
    (row("2026-11-19", open="\u0661\u0660\u0660"), "is not a finite number"),
    (row("2026-11-19", open=["100"]), "open ['100'] is not a finite number"),
    (row("2026-11-19", open="0"), "open '0' is not positive"),
    (row("2026-11-19", low="0.00"), "low '0.00' is not positive"),
    (row("2026-11-19", close="-101"), "close '-101' is not positive"),
    (row("2026-11-19", volume="-1"), "volume '-1' is not positive"),
    (row("2026-11-19", low="100.5"), "low 100.5 is above open 100.0 or close 101.0"),
    (row("2026-11-19", high="100.5"), "high 100.5 is below open 100.0 or close 101.0"),
]


@pytest.mark.parametrize(("faulty", "reason"), FAULTS, ids=[reason for _, reason in FAULTS])
def test_a_row_that_cannot_be_used_is_rejected_with_its_reason(faulty: RawBar, reason: str) -> None:
    """The faulty row is kept as it came, beside one sentence; the good row is used."""
    cleaned = clean(raw(faulty, row("2026-11-20")), SATURDAY)
    assert (faulty,) == tuple(found.row for found in cleaned.rejected)
    assert cleaned.rejected[0].reason.endswith(reason)
    assert [bar.time for bar in cleaned.series.bars] == ["2026-11-20"]


def test_a_rejected_row_is_told_in_the_notes() -> None:
    """The note counts the rejected rows and gives day and reason."""
    cleaned = clean(raw(row("2026-11-19", close="nan"), row("2026-11-20")), SATURDAY)
    expected = ("1 bar rejected and put into quarantine: 2026-11-19: close 'nan' is not a finite number",)
    assert expected == cleaned.notes


def test_only_the_first_examples_are_listed() -> None:
    """A long list of rejected rows is cut, and says by how much."""
    cleaned = clean(raw(*(row(day, close="nan") for day in WEEK)), SATURDAY)
    assert cleaned.notes[0].startswith("5 bars rejected")
    assert cleaned.notes[0].endswith(" and 2 more")


@pytest.mark.parametrize("number", ["101.5", " 101.5 ", 101.5, "+101.5", "1.015e2", "101.50000"])
def test_a_number_may_be_written_in_many_ways(number: object) -> None:
    """Text or number, signed, padded or with an exponent: the value is what counts."""
    cleaned = clean(raw(row("2026-11-20", close=number)), SATURDAY)
    expected = (Bar("2026-11-20", 100.0, 102.0, 99.0, 101.5, 5000.0),)
    assert expected == cleaned.series.bars


@pytest.mark.parametrize("volume", ["0", 0, "-0"])
def test_a_session_may_pass_without_trades(volume: object) -> None:
    """A volume of nothing is no fault."""
    cleaned = clean(raw(row("2026-11-20", volume=volume)), SATURDAY)
    assert (cleaned.rejected, cleaned.series.bars[0].volume) == ((), 0.0)


def test_a_good_answer_needs_no_words() -> None:
    """Complete rows in the order of time are used without a note."""
    cleaned = clean(raw(*map(row, WEEK)), SATURDAY)
    assert (list(WEEK), (), ()) == ([bar.time for bar in cleaned.series.bars], cleaned.rejected, cleaned.notes)


def test_newest_first_is_an_order_too() -> None:
    """The vendor's own order is turned round without a note."""
    cleaned = clean(raw(*map(row, reversed(WEEK))), SATURDAY)
    assert (list(WEEK), ()) == ([bar.time for bar in cleaned.series.bars], cleaned.notes)


def test_rows_out_of_order_are_sorted_with_a_note() -> None:
    """A shuffled answer gives the same series, and says so."""
    cleaned = clean(raw(*map(row, (WEEK[2], WEEK[0], WEEK[4], WEEK[1], WEEK[3]))), SATURDAY)
    assert list(WEEK) == [bar.time for bar in cleaned.series.bars]
    expected = ("the bars arrived out of order and were sorted",)
    assert expected == cleaned.notes


def test_identical_duplicates_are_used_once() -> None:
    """The same bar twice, however its numbers are written, is one bar and a note."""
    cleaned = clean(raw(row("2026-11-20"), row("2026-11-20", close=101)), SATURDAY)
    assert (len(cleaned.series), cleaned.rejected) == (1, ())
    expected = ("1 bar dropped because the answer held the same bar twice",)
    assert expected == cleaned.notes


def test_contradicting_duplicates_are_all_rejected() -> None:
    """Nobody can say which of two different bars of one session is true, so neither is used."""
    rows = (row("2026-11-20"), row("2026-11-20", close="100.5"), row("2026-11-20"))
    cleaned = clean(raw(row("2026-11-19"), *rows), SATURDAY)
    assert (rows, ["2026-11-19"]) == (
        tuple(found.row for found in cleaned.rejected),
        [bar.time for bar in cleaned.series.bars],
    )
    assert {"3 bars of this session contradict each other"} == {found.reason for found in cleaned.rejected}


def test_missing_sessions_are_listed() -> None:
    """A hole between the first and the last bar is told, a holiday is no hole."""
    cleaned = clean(raw(row("2025-11-25"), row("2025-11-28"), row("2025-12-02")), SATURDAY)
    expected = ("2 bars missing in the answer: 2025-11-26, 2025-12-01",)
    assert expected == cleaned.notes


def test_a_bar_of_a_running_session_is_left_out_and_counted() -> None:
    """A bar whose session is not complete is neither used nor rejected."""
    cleaned = clean(raw(row("2026-11-20"), row("2026-11-23"), row("2026-11-24", close="nan")), SATURDAY)
    assert ([bar.time for bar in cleaned.series.bars], cleaned.rejected) == (["2026-11-20"], ())
    expected = ("2 bars left out because the session was not complete: 2026-11-23, 2026-11-24",)
    assert expected == cleaned.notes


def test_an_empty_answer_gives_an_empty_series() -> None:
    """Nothing in, nothing out, and the source's own notes stay."""
    cleaned = clean(raw(notes=("told by the source",)), SATURDAY)
    assert (accounted(cleaned), cleaned.notes) == (0, ("told by the source",))


def test_the_series_keeps_what_the_source_said_about_itself() -> None:
    """Symbol, interval, origin and time of receipt go through unchanged."""
    cleaned = clean(RawSeries("MSFT", Interval.DAILY, Origin.SAMPLE, (row(WEEK[0]),), SATURDAY), SATURDAY)
    assert cleaned.series.id == (Origin.SAMPLE, "MSFT", Interval.DAILY)
    assert cleaned.received_at == SATURDAY


def test_a_symbol_without_an_exchange_is_refused() -> None:
    """Without a calendar no bar can be judged."""
    with pytest.raises(RejectSymbol, match=r"TSCO\.LSE"):
        clean(RawSeries("TSCO.LSE", Interval.DAILY, Origin.LIVE, (), SATURDAY), SATURDAY)
