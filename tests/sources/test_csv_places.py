"""Tests of where CSV files are: too large, unreadable, behind an address."""

import os
from pathlib import Path

import pytest

from flows.core.bars import Interval
from flows.core.connections import CsvConnection
from flows.core.errors import BrokenAnswer, FixConfiguration, NextcloseError, QuotaSpent, RejectSymbol, Unreachable
from flows.sources import csv_files
from flows.sources.csv_files import CsvFiles
from tests.sources.servers import Answer, vendor
from tests.sources.test_csv_files import DAY, HEAD, ROW, asked, downloaded, refused

BODY = f"{HEAD}\n{DAY}\n".encode()


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is that of an answer."""
    monkeypatch.setattr(csv_files, "LARGEST_BODY", 1_000)
    assert BrokenAnswer is type(refused(tmp_path, BODY + b" " * 1_000))


def test_a_large_file_of_real_size_is_refused(tmp_path: Path) -> None:
    """Thirty-three mebibytes are no series of bars; the file is not even read."""
    with (tmp_path / "IBM.csv").open("wb") as file:
        file.truncate(33 * 1024**2)
    with pytest.raises(BrokenAnswer, match=r"^IBM, fetch: .*IBM\.csv is larger than 32 MiB"):
        CsvFiles(CsvConnection(str(tmp_path))).fetch(asked(), lambda: None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    """The sentence says which file, and why."""
    path = tmp_path / "IBM.csv"
    path.write_bytes(BODY)
    path.chmod(0)
    with pytest.raises(FixConfiguration, match=r"IBM\.csv cannot be read \(Permission denied\)"):
        CsvFiles(CsvConnection(str(tmp_path))).fetch(asked(), lambda: None)


def test_a_file_that_fails_while_it_is_read_is_told() -> None:
    """A file of the system's that gives an error on reading stands for a broken disk."""
    with pytest.raises(FixConfiguration, match=r"^mem, fetch: /proc/self/mem cannot be read \(Input/output error\)"):
        CsvFiles(CsvConnection("/proc/self/{symbol}")).fetch(asked(symbol="mem"), lambda: None)


@pytest.mark.parametrize(
    "location", ["/nowhere/{symbol}\x00.csv", "/" + "x" * 300 + "{symbol}.csv"], ids=["null byte", "long"]
)
def test_a_place_that_cannot_exist_is_an_error_of_ours(location: str) -> None:
    """A name with a null byte, or one that is too long, names no file."""
    with pytest.raises(NextcloseError, match=r"^IBM, fetch: "):
        CsvFiles(CsvConnection(location)).fetch(asked(), lambda: None)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/bars", "/bars/IBM.csv"),
        ("/bars/", "/bars/IBM.csv"),
        ("/{symbol}.csv", "/IBM.csv"),
        ("/get?name={symbol}&span={interval}", "/get?name=IBM&span=daily"),
    ],
)
def test_an_address_is_filled_in(path: str, expected: str) -> None:
    """One request is spent, and asks for the symbol's file."""
    spent: list[int] = []
    with vendor(BODY) as server:
        source = CsvFiles(CsvConnection(server.url.removesuffix("/query") + path))
        found = source.fetch(asked(), lambda: spent.append(1))
        assert ((ROW,), [1], [expected]) == (found.rows, spent, server.paths)


def test_signs_in_a_symbol_are_escaped_in_an_address() -> None:
    """A symbol cannot change the query that it stands in."""
    with vendor(BODY) as server:
        location = server.url + "?name={symbol}"
        CsvFiles(CsvConnection(location)).fetch(asked(symbol="M&M=X.BSE"), lambda: None)
        assert server.queries == [{"name": "M&M=X.BSE"}]


@pytest.mark.parametrize("folder", ["", "/{symbol}.csv"])
def test_signs_in_a_symbol_are_escaped_in_every_address(folder: str) -> None:
    """The caret of an index is no sign of an address, whether the location names the symbol or not."""
    found, _ = downloaded([BODY], folder, asked(symbol="^GSPC"))
    assert found.rows == (ROW,)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (Answer(b"", 404), RejectSymbol, "Check location"),
        (Answer(b"", 403), NextcloseError, "Check location"),
        (Answer(b"", 503), Unreachable, "tried again"),
        (Answer(b"<html>\n<p>Not here</p>"), FixConfiguration, "no column of the file"),
        (Answer(b""), BrokenAnswer, "empty"),
    ],
)
def test_a_server_that_gives_no_file_is_told(answer: Answer, error: type[NextcloseError], says: str) -> None:
    """The advice is about the location, not about a key that nobody has."""
    with pytest.raises(error) as caught:
        downloaded([answer], "/bars", asked())
    text = str(caught.value)
    assert (text.startswith("IBM, fetch: "), says in text, "ALPHAVANTAGE" in text) == (True, True, False)


def test_a_file_that_is_not_on_the_server_is_the_symbols_fault() -> None:
    """As in a folder: one symbol without a file is no fault of the whole configuration."""
    with pytest.raises(NextcloseError) as caught:
        downloaded([Answer(b"", 404)], "/bars", asked())
    assert caught.value.kind == "symbol"


def test_without_budget_no_file_is_fetched() -> None:
    """The request is counted before it is sent."""

    def spend() -> None:
        raise QuotaSpent("IBM, fetch: none left")

    with vendor(BODY) as server, pytest.raises(QuotaSpent):
        CsvFiles(CsvConnection(server.url)).fetch(asked(), spend)
    assert server.queries == []


def test_weekly_bars_behind_an_address_have_a_file_of_their_own() -> None:
    """The name says the interval, as in a folder."""
    found, _ = downloaded([BODY], "/bars", asked(Interval.WEEKLY))
    assert Interval.WEEKLY is found.interval
