"""Tests of bars in CSV files: in a folder and behind an address, however they are written."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from flows.core.bars import Interval, Origin
from flows.core.cleaning import RawBar, RawSeries, clean
from flows.core.connections import CsvConnection
from flows.core.errors import BrokenAnswer, FixConfiguration, NextcloseError, RejectSymbol
from flows.sources import SOURCES, BarRequest
from flows.sources.csv_files import CsvFiles
from tests.core.moments import at
from tests.sources.servers import Answer, vendor

SATURDAY = at("2026-11-21 12:00 UTC")
HEAD = "date,open,high,low,close,volume"
DAY = "2026-11-20,100,102,99,101,5000"
ROW = RawBar("2026-11-20", "100", "102", "99", "101", "5000")


def asked(interval: Interval = Interval.DAILY, symbol: str = "IBM") -> BarRequest:
    """Return a request for bars."""
    return BarRequest(symbol, interval, SATURDAY)


def read(folder: Path, text: str | bytes, interval: Interval = Interval.DAILY, **settings: Any) -> RawSeries:
    """Return what a file of this text comes to."""
    body = text.encode() if isinstance(text, str) else text
    (folder / f"IBM-{interval}.csv").write_bytes(body)
    return CsvFiles(CsvConnection(str(folder), **settings)).fetch(asked(interval), lambda: None)


def refused(folder: Path, text: str | bytes, **settings: Any) -> NextcloseError:
    """Return the error of a file that cannot be read."""
    with pytest.raises(NextcloseError) as caught:
        read(folder, text, **settings)
    assert str(caught.value).startswith("IBM, fetch: ")
    return caught.value


def downloaded(answers: Sequence[Answer | bytes], path: str, request: BarRequest) -> tuple[RawSeries, int]:
    """Return the bars behind an address, and how many requests were spent."""
    spent: list[int] = []
    with vendor(*answers) as server:
        location = server.url.removesuffix("/query") + path
        found = CsvFiles(CsvConnection(location)).fetch(request, lambda: spent.append(1))
    return found, len(spent)


def test_the_rows_of_a_file_come_as_they_are(tmp_path: Path) -> None:
    """Values stay texts, the origin is custom, and no request is spent."""
    found = read(tmp_path, f"{HEAD}\n{DAY}\n")
    assert (found.rows, found.origin, found.notes, found.symbol) == ((ROW,), Origin.CUSTOM, (), "IBM")
    connection = CsvConnection(str(tmp_path))
    assert Origin.CUSTOM is SOURCES[type(connection)](connection).origin


@pytest.mark.parametrize(
    ("location", "name", "interval"),
    [
        ("", "IBM.csv", Interval.DAILY),
        ("", "IBM-daily.csv", Interval.DAILY),
        ("", "IBM-weekly.csv", Interval.WEEKLY),
        ("/{symbol}_{interval}.txt", "IBM_5min.txt", Interval.MIN_5),
        ("/{symbol}/{interval}", "IBM/monthly", Interval.MONTHLY),
    ],
)
def test_each_symbol_and_interval_has_its_file(tmp_path: Path, location: str, name: str, interval: Interval) -> None:
    """In a folder by the usual names, or wherever the pattern says."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(f"{HEAD}\n{DAY}\n")
    source = CsvFiles(CsvConnection(f"{tmp_path}{location}"))
    assert len(source.fetch(asked(interval), lambda: None).rows) == 1


def test_daily_bars_are_never_taken_for_another_interval(tmp_path: Path) -> None:
    """IBM.csv holds days; weeks need a file of their own, and the sentence names it."""
    (tmp_path / "IBM.csv").write_text(f"{HEAD}\n{DAY}\n")
    with pytest.raises(RejectSymbol, match=r"there is no file .*/IBM-weekly\.csv\. Put one there"):
        CsvFiles(CsvConnection(str(tmp_path))).fetch(asked(Interval.WEEKLY), lambda: None)


def test_columns_may_be_called_otherwise(tmp_path: Path) -> None:
    """A mapping wins over a column of the usual name, in any case and with blanks around."""
    text = f"When ; Open;High;Low;Close;Adj Close;Vol\n{DAY.replace(',101,', ',101,50,').replace(',', ';')}\n"
    columns = {"time": "when", "close": "ADJ CLOSE"}
    assert (ROW._replace(close="50"),) == read(tmp_path, text, columns=columns, delimiter=";").rows


@pytest.mark.parametrize("heading", ["Date", "TIMESTAMP", "datetime", " time "])
def test_the_usual_names_are_known(tmp_path: Path, heading: str) -> None:
    """Nobody has to map what everybody calls alike."""
    assert read(tmp_path, f"{HEAD.replace('date', heading)}\n{DAY}\n").rows == (ROW,)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
def test_any_sign_may_stand_between_cells(tmp_path: Path, delimiter: str) -> None:
    """Tables from elsewhere use semicolons or tabs."""
    text = f"{HEAD}\n{DAY}\n".replace(",", delimiter)
    assert read(tmp_path, text, delimiter=delimiter).rows == (ROW,)


@pytest.mark.parametrize("midnight", ["T00:00", " 00:00:00", "T00:00:00.000", "T00:00:00Z", " 00:00:00+05:30", ""])
def test_a_day_may_carry_its_midnight(tmp_path: Path, midnight: str) -> None:
    """Many programs write dates so; the date counts as it stands there."""
    assert read(tmp_path, f"{HEAD}\n{DAY.replace('20,100', f'20{midnight},100')}\n").rows == (ROW,)


@pytest.mark.parametrize(
    ("written", "zone", "expected"),
    [
        ("2026-11-20 09:35", "", "2026-11-20T14:35:00Z"),
        ("2026-11-20T14:35:00Z", "", "2026-11-20T14:35:00Z"),
        ("2026-11-20 20:05:00+05:30", "", "2026-11-20T14:35:00Z"),
        ("2026-11-20 14:35:00", "Europe/London", "2026-11-20T14:35:00Z"),
        ("2026-09-18 15:35", "Africa/Casablanca", "2026-09-18T14:35:00Z"),
        ("2026-09-21 15:35", "Africa/Casablanca", "2026-09-21T15:35:00Z"),
        ("2026-10-30 09:35", "", "2026-10-30T13:35:00Z"),
    ],
)
def test_a_time_is_read_on_the_clock_that_it_is_written_in(
    tmp_path: Path, written: str, zone: str, expected: str
) -> None:
    """Its own offset, else the zone of the block, else the exchange's."""
    raw = read(tmp_path, f"{HEAD}\n{DAY.replace('2026-11-20', written)}\n", Interval.MIN_5, zone=zone)
    assert [expected] == [bar.time for bar in clean(raw, SATURDAY).series.bars]


def test_a_file_without_volume_is_used_with_a_note(tmp_path: Path) -> None:
    """Nothing is forecast from the volume."""
    found = read(tmp_path, "date,open,high,low,close\n2026-11-20,100,102,99,101\n")
    assert ((ROW._replace(volume="0"),), 1) == (found.rows, len(found.notes))
    assert found.notes[0] == "the file has no column for the volume, which is taken as 0"


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEAD}\r\n{DAY}\r\n",
        f"{HEAD}\r{DAY}\r",
        f"\n\n{HEAD}\n\n{DAY}",
        f'{HEAD}\n"{DAY.replace(",", chr(34) + "," + chr(34))}"',
    ],
)
def test_marks_line_ends_blank_lines_and_quotes_do_not_matter(tmp_path: Path, text: str) -> None:
    """Spreadsheets of every system write the same bars."""
    assert read(tmp_path, text).rows == (ROW,)


@pytest.mark.parametrize(
    ("line", "row"),
    [("2026-11-20,100", ROW._replace(high=None, low=None, close=None, volume=None)), (f"{DAY},6,7", ROW)],
)
def test_a_short_row_lacks_values_and_a_long_one_has_too_many(tmp_path: Path, line: str, row: RawBar) -> None:
    """What is missing is left to the cleaning, which rejects the row under its date."""
    assert (row,) == read(tmp_path, f"{HEAD}\n{line}\n").rows


@pytest.mark.parametrize(
    ("text", "settings", "error", "says"),
    [
        ("", {}, BrokenAnswer, "the file is empty"),
        ("\n\n", {}, BrokenAnswer, "the file is empty"),
        (HEAD, {}, BrokenAnswer, "a heading and no bars"),
        (f"{HEAD}\n{DAY}".replace("date", "day"), {}, FixConfiguration, "no column of the file is called time or date"),
        (f"{HEAD}\n{DAY}", {"columns": {"close": "Adj"}}, FixConfiguration, "no column of the file is called Adj"),
        (f"{HEAD}\n{DAY}", {"columns": {"volume": "Vol"}}, FixConfiguration, "Say which one holds the volume"),
        (f"{HEAD}\n{DAY}", {"delimiter": ";"}, FixConfiguration, HEAD),
        (f"{HEAD}\n{DAY}".encode("utf-16"), {}, BrokenAnswer, "not in UTF-8"),
        (f"{HEAD}\n{DAY},é".encode("latin-1"), {}, BrokenAnswer, "not in UTF-8"),
        (f'{HEAD}\n"{"x" * 200_000}"', {}, BrokenAnswer, "no CSV"),
        (f'{HEAD}\n2026-11-19,100,102,99,101,"5000\n{DAY}\n', {}, BrokenAnswer, "quotation marks"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_what_to_do(
    tmp_path: Path, text: str | bytes, settings: dict[str, Any], error: type[NextcloseError], says: str
) -> None:
    """Empty, without the columns, in another encoding, or with a mark that nothing closes."""
    found = refused(tmp_path, text, **settings)
    assert (error, True) == (type(found), says in str(found))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Both names that it could have stand in the sentence."""
    with pytest.raises(RejectSymbol, match=r"IBM, fetch: there is no file .*IBM-daily\.csv or .*IBM\.csv\. Put one"):
        CsvFiles(CsvConnection(str(tmp_path))).fetch(asked(), lambda: None)
