"""Tests of bringing a file's bars into the ledger: over a real broker, without Prefect."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect_email import EmailServerCredentials
from sqlalchemy import text

from flows import importing
from flows.core.bars import Interval, Origin, SeriesId
from flows.core.calendars import calendar_of
from flows.core.connections import AlphaVantageConnection, LedgerConnection, MailSettings
from flows.core.errors import OriginMixed, RejectData, RejectSymbol
from flows.embedded.broker import embedded_broker
from flows.importing import File, Imported, bring_in, read
from flows.ledger.bars import newest_versions
from flows.ledger.imports import imports_within
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps import Run
from tests.conftest import real_bars

HEAD = "date,open,high,low,close,volume"
NOW = datetime(2026, 11, 20, 22, tzinfo=UTC)
RUN = Run("run", "import", NOW, NOW)
DAILY = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)
FIVE = SeriesId(Origin.CUSTOM, "IBM", Interval.MIN_5)
BARS = real_bars("IBM")[:120]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A broker and a ledger of this test's own."""
    with embedded_broker() as kafka:
        yield Parts(
            AlphaVantageConnection("demo", base_url="http://127.0.0.1/query"),
            kafka,
            LedgerConnection(f"sqlite:///{tmp_path / 'ledger.db'}"),
            MailSettings("a@localhost", ("b@localhost",)),
            EmailServerCredentials(smtp_server="127.0.0.1"),
        )


def lines(factor: float = 1.0, begin: int = 0, end: int = 120) -> list[str]:
    """Return real bars as lines of a file, their prices scaled."""
    return [
        ",".join((bar.time, *(f"{price * factor:.4f}" for price in bar[1:5]), str(bar.volume)))
        for bar in BARS[begin:end]
    ]


def brought(parts: Parts, folder: Path, rows: list[str], *, series: SeriesId = DAILY, revise: bool = False) -> Imported:
    """Write a file, and bring it in."""
    path = folder / "IBM.csv"
    path.write_text("\n".join((HEAD, *rows)))
    found = read(File(path), series.symbol, series.interval)
    return bring_in(parts, RUN, found, series, lambda *_: None, revise=revise)


def held(parts: Parts, series: SeriesId = DAILY) -> dict[str, float]:
    """Return the newest close of each bar in the ledger."""
    versions = newest_versions(open_ledger(parts.ledger, parts.origin), series)
    return {time: bar.close for time, (_, bar) in versions.items()}


def test_the_ledgers_bars_stay_and_the_difference_is_said(parts: Parts, tmp_path: Path) -> None:
    """A second file adds what is new; of one bar that it has otherwise, the note tells both closes."""
    brought(parts, tmp_path, lines(end=100))
    before = held(parts)
    done = brought(parts, tmp_path, [*lines(end=99), *lines(1.02, 99, 100), *lines(begin=100)])
    assert (done.added, done.revised, done.known) == (20, 0, 100)
    assert before.items() <= held(parts).items()
    assert any(
        note.startswith("the ledger has other values for 1 of the file's bars and keeps them") for note in done.notes
    )


def test_a_file_that_contradicts_the_ledger_changes_nothing(parts: Parts, tmp_path: Path) -> None:
    """Prices on another scale are refused as a whole, the new bars among them too, and no import is recorded."""
    brought(parts, tmp_path, lines(end=100))
    before = held(parts)
    with pytest.raises(RejectData, match="100 of the 100 bars that the ledger has too close at another price"):
        brought(parts, tmp_path, lines(0.5))
    assert before == held(parts)
    assert len(imports_within(open_ledger(parts.ledger, parts.origin), DAILY, "0", "9")) == 1


def test_a_person_can_insist(parts: Parts, tmp_path: Path) -> None:
    """With revise, the file's values become new revisions, and the old ones stay beneath."""
    brought(parts, tmp_path, lines(end=100))
    done = brought(parts, tmp_path, lines(0.5), revise=True)
    assert (done.added, done.revised, done.known) == (20, 100, 0)
    assert held(parts)[BARS[0].time] == pytest.approx(BARS[0].close / 2)
    with open_ledger(parts.ledger, parts.origin).connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM bars")).scalar() == 220


def test_a_seam_between_two_scales_is_said(parts: Parts, tmp_path: Path) -> None:
    """Where nothing overlaps, the jump at the seam is all that can be seen."""
    brought(parts, tmp_path, lines(begin=60))
    done = brought(parts, tmp_path, lines(3.0, 0, 60))
    assert [note for note in done.notes if f"{BARS[59].time} and {BARS[60].time}, where file and ledger meet" in note]


@pytest.mark.parametrize(
    "rows",
    [
        [line.replace("-", "/") for line in lines()],
        [*lines(end=117), *(line.replace("-", "/") for line in lines(begin=117))],
        ["2010-12-04,1,1,1,1,1"],
        [],
    ],
    ids=["all dates", "three dates of 120", "a Saturday", "no row"],
)
def test_a_file_with_too_many_bad_rows_is_refused_whole(parts: Parts, tmp_path: Path, rows: list[str]) -> None:
    """Undated rows count too; nothing reaches Kafka, ledger or the list of imports."""
    with pytest.raises(RejectData, match=r"^IBM, import: .*Nothing was imported"):
        brought(parts, tmp_path, rows)
    assert held(parts) == {}
    assert imports_within(open_ledger(parts.ledger, parts.origin), DAILY, "0", "9") == []


def test_times_of_another_zone_are_refused(parts: Parts, tmp_path: Path) -> None:
    """Times in UTC taken for New York's would put the afternoon into the morning."""
    times = calendar_of("IBM", Interval.MIN_5).labels_between("2026-11-16T00:00:00Z", "2026-11-20T20:55:00Z")
    rows = [f"{time[:-1]},100,101,99,100,1" for time in times]
    with pytest.raises(RejectData, match="Name it with --timezone"):
        brought(parts, tmp_path, rows, series=FIVE)
    assert held(parts, FIVE) == {}


def test_an_interrupted_import_is_named_and_completed(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was brought in before the end is recorded with its file; the second time adds only the rest."""
    monkeypatch.setattr(importing, "CHUNK", 50)
    path = tmp_path / "IBM.csv"
    path.write_text("\n".join((HEAD, *lines())))
    found = read(File(path), "IBM", Interval.DAILY)

    def stop(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(parts, RUN, found, DAILY, stop)
    assert len(held(parts)) == 50
    (named,) = imports_within(open_ledger(parts.ledger, parts.origin), DAILY, "0", "9")
    assert (named.file, named.bars) == ("IBM.csv", 120)
    done = bring_in(parts, RUN, found, DAILY, lambda *_: None)
    assert (done.added, done.known, len(held(parts))) == (70, 50, 120)


def test_files_and_adjusted_prices_do_not_meet(parts: Parts, tmp_path: Path) -> None:
    """A series that was begun with plain prices takes no adjusted ones."""
    brought(parts, tmp_path, lines())
    other = replace(parts, source=AlphaVantageConnection("demo", base_url="http://127.0.0.1/query", adjusted=True))
    with pytest.raises(OriginMixed, match="from alpha-vantage, and this run would bring them from alpha-vantage, adj"):
        brought(other, tmp_path, lines())


def test_what_cannot_be_a_symbol_is_refused_first(tmp_path: Path) -> None:
    """Before the file is even looked at."""
    with pytest.raises(RejectSymbol, match="'A/B', import"):
        read(File(tmp_path / "none.csv"), "A/B", Interval.DAILY)
