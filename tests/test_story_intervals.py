"""Tests of the whole story for other intervals, exchanges and sources than New York's daily bars."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blocks import CsvFiles
from flows.cli.configure import apply
from flows.core.bars import Interval, SeriesId
from flows.importing import File, bring_in, read
from flows.parts import parts_in_use
from flows.steps import Run
from tests.answers import adjusted, daily, intraday, row, weekly
from tests.world import World, report_of, text_of, world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
AS_OF = "2026-11-20"
LAST_DAYS = {"IBM": AS_OF, "TSCO.LON": AS_OF, "600104.SHH": "2026-11-23", "RELIANCE.BSE": "2026-11-23"}


def answer(query: dict[str, str]) -> object:
    """Answer each function as the vendor does."""
    symbol, function = query["symbol"], query["function"]
    if function == "TIME_SERIES_WEEKLY":
        return weekly(symbol, "2026-11-27")
    if function == "TIME_SERIES_INTRADAY":
        return intraday(symbol, query["interval"], "2026-11-23T15:25:00Z")
    return daily(symbol, LAST_DAYS[symbol])


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in which the flows run."""
    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, answer) as made:
        yield made


def test_a_mixed_watchlist_gives_each_symbol_its_own_slot(here: World) -> None:
    """When New York is open, London too, Shanghai and Mumbai have closed already: their next close is tomorrow's."""
    report = report_of(here.watchlist(*LAST_DAYS, now=NOW))
    found = [(e.symbol, e.forecast.prediction.as_of, e.forecast.prediction.target.label) for e in report.entries]
    assert found == [
        ("IBM", AS_OF, "2026-11-23"),
        ("TSCO.LON", AS_OF, "2026-11-23"),
        ("600104.SHH", "2026-11-23", "2026-11-24"),
        ("RELIANCE.BSE", "2026-11-23", "2026-11-25"),
    ]
    assert here.mails[0]["Subject"] == "4 forecasts for 2026-11-23 and 2026-11-24 and 2026-11-25"


def test_a_week_is_forecast_from_weeks_that_are_over(here: World) -> None:
    """The running week is left out and said; the target is its last session, which closes early."""
    entry = report_of(here.symbol(interval="weekly", now=NOW)).entries[0]
    p = entry.forecast.prediction
    assert (p.as_of, p.target.label, f"{p.target.local_close:%H:%M}") == (AS_OF, "2026-11-27", "13:00")
    assert entry.notes == ("1 bar left out because the week was not complete: 2026-11-27",)
    assert here.market.queries[0]["function"] == "TIME_SERIES_WEEKLY"


def test_five_minutes_are_forecast_in_the_middle_of_a_session(here: World) -> None:
    """The last bar that is over is used, the mail speaks of New York's clock, the record of instants."""
    state = here.symbol(interval="5min", now=NOW.replace(second=20))
    p = report_of(state).entries[0].forecast.prediction
    assert (p.as_of, p.target.label) == ("2026-11-23T15:25:00Z", "2026-11-23T15:30:00Z")
    assert here.market.queries[0]["extended_hours"] == "false"
    assert here.mails[0]["Subject"].startswith("IBM 5min 2026-11-23 10:35 New York: ")
    assert "the close of the 5min bar of 10:25, Monday 2026-11-23" in text_of(here.mails[0])


def test_the_next_five_minutes_score_the_forecast_before(here: World) -> None:
    """Bars within sessions are recorded and scored as days are."""
    here.symbol(interval="5min", now=NOW.replace(second=20))
    here.market.answer = lambda query: intraday(query["symbol"], query["interval"], "2026-11-23T15:30:00Z", 101)
    record = report_of(here.symbol(interval="5min", now=NOW.replace(minute=35, second=20))).entries[0].record
    assert (record.n, record.last_target) == (1, "2026-11-23T15:30:00Z")


def test_an_older_month_is_asked_for_by_its_name(here: World) -> None:
    """Bars of half a year ago are not among a source's newest."""
    here.market.answer = lambda query: intraday(query["symbol"], query["interval"], "2026-05-29T19:55:00Z")
    report = report_of(here.symbol(interval="5min", as_of="2026-05-29", now=NOW))
    assert (here.market.queries[0]["month"], report.entries[0].forecast.backfill) == ("2026-05", True)


def test_a_corrected_bar_is_kept_beside_the_old_one_and_said(here: World) -> None:
    """When the source changes a close, the next report says which, from what to what."""
    here.symbol(now=NOW)
    changed = daily("IBM", "2026-11-23", 101)
    changed["Time Series (Daily)"]["2026-11-18"] = row(100, 102, 99, 101)
    here.market.answer = lambda _: changed
    entry = report_of(here.symbol(now=NOW.replace(day=24))).entries[0]
    assert [note for note in entry.notes if "1 bar has other values than before" in note and "to 101" in note]


def test_files_stand_in_for_the_vendor(here: World) -> None:
    """The second source: the same flow, the same mail, no request."""
    rows = daily("IBM", AS_OF)["Time Series (Daily)"]
    lines = [",".join((day, *cells.values())) for day, cells in rows.items()]
    (here.folder / "files").mkdir()
    (here.folder / "files" / "IBM.csv").write_text("\n".join(("Day,open,high,low,Last,volume", *lines)))
    apply({"CSV_LOCATION": "files", "CSV_COLUMNS": "time=Day, close=Last"})
    p = report_of(here.symbol(source="csv-files", now=NOW)).entries[0].forecast.prediction
    assert (p.as_of, p.bars, p.origin, here.market.queries) == (AS_OF, 100, "custom", [])


def test_two_sources_never_write_one_history(here: World) -> None:
    """What the vendor began, files do not go on with: it would look like corrections."""
    here.symbol(now=NOW)
    (here.folder / "IBM.csv").write_text("date,open,high,low,close,volume\n2026-11-20,1,1,1,1,1\n")
    apply({"CSV_LOCATION": str(here.folder)})
    (failure,) = report_of(here.symbol(source="csv-files", now=NOW)).failures
    assert (failure.kind, failure.error) == ("configuration", "OriginMixed")
    assert "its daily bars from alpha-vantage" in failure.reason


def test_a_split_in_adjusted_prices_leaves_no_seam(here: World) -> None:
    """After a split all prices are given anew: older bars are left out, and earlier forecasts keep their score."""
    apply({"ALPHAVANTAGE_ADJUSTED": "true"})
    here.market.answer = lambda _: adjusted(daily("IBM", "2026-08-10", 100), 1.0)
    here.symbol(now=NOW.replace(month=8, day=11))
    here.market.answer = lambda _: adjusted(daily("IBM", "2026-08-11", 101), 1.0)
    here.symbol(now=NOW.replace(month=8, day=12))
    grown = daily("IBM", AS_OF, 173)
    grown["Time Series (Daily)"] = dict(list(grown["Time Series (Daily)"].items())[:100])
    here.market.answer = lambda _: adjusted(grown, 0.5)
    entry = report_of(here.symbol(now=NOW)).entries[0]
    assert entry.forecast.prediction.bars == 100
    assert [note for note in entry.notes if "on another scale" in note]
    assert (entry.record.n, entry.record.mse is not None and entry.record.mse < 10) == (2, True)


def test_a_source_without_its_block_says_what_to_do(here: World) -> None:
    """Nobody has said where the files are."""
    CsvFiles(location="somewhere").save("csv-files", overwrite=True)
    CsvFiles.delete("csv-files")
    state = here.symbol(source="csv-files", now=NOW)
    assert "there is no csv-files block" in str(state.message)


def test_imported_bars_lengthen_the_history_and_are_named(here: World) -> None:
    """Older bars from a file are used by the next forecast, whose report names the file."""
    rows = daily("IBM", AS_OF, 300)["Time Series (Daily)"]
    lines = [",".join((day, *cells.values())) for day, cells in rows.items()][100:]
    path = here.folder / "IBM.csv"
    path.write_text("\n".join(("date,open,high,low,close,volume", *lines)))
    run = Run("import-1", "import", NOW, NOW)
    with parts_in_use() as parts:
        found = read(File(path), "IBM", Interval.DAILY)
        series = SeriesId(parts.origin, "IBM", Interval.DAILY)
        first, again = (bring_in(parts, run, found, series, lambda *_: None) for _ in range(2))
    entry = report_of(here.symbol(now=NOW)).entries[0]
    assert (first.added, again.added, again.known) == (200, 0, 200)
    assert entry.forecast.prediction.bars == 300
    assert [note for note in entry.notes if "200 bars" in note and "were imported from IBM.csv" in note]
