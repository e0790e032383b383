"""Tests that any bytes in place of a file of bars end in rows or in an error of ours."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.bars import Interval
from flows.core.errors import NextcloseError
from flows.sources.tables import rows_in_csv, rows_in_parquet
from tests.sources.damaged import damaged, end_of, noise, parquet

HEAD = b"date,open,high,low,close,volume\n"
GOOD = HEAD + b"".join(f"2026-11-{day},100,102,99,101,5000\n".encode() for day in range(10, 21))
WHO = "IBM, fetch"
intervals = st.sampled_from(list(Interval))
delimiters = st.sampled_from(",;\t|")


def end_of_csv(body: bytes, interval: Interval, delimiter: str = ",") -> str:
    """Return whether rows were read, or our error's sentence."""
    try:
        rows_in_csv(body, interval, {}, delimiter, WHO)
    except NextcloseError as error:
        return str(error)
    return "rows"


@given(st.binary(), intervals, delimiters)
def test_any_bytes_are_rows_or_an_error_of_ours(body: bytes, interval: Interval, delimiter: str) -> None:
    """With a heading in front or without one, reading never ends in anything else."""
    for given_bytes in (body, HEAD + body):
        found = end_of_csv(given_bytes, interval, delimiter)
        assert found == "rows" or found.startswith(f"{WHO}: ")


@given(st.text(), intervals)
def test_any_text_below_a_heading_is_rows_or_an_error_of_ours(text: str, interval: Interval) -> None:
    """Quotation marks, line ends of all sorts and blanks included."""
    found = end_of_csv(HEAD + text.encode("utf-8", "replace"), interval)
    assert found == "rows" or found.startswith(f"{WHO}: ")


def _flipped(random: Random) -> bytes:
    place = random.randrange(len(GOOD))
    return GOOD[:place] + random.randbytes(1) + GOOD[place + 1 :]


def _cut(random: Random) -> bytes:
    return GOOD[: random.randrange(len(GOOD))]


def _noise(random: Random) -> bytes:
    return HEAD + random.randbytes(random.randrange(100))


def _strewn(random: Random) -> bytes:
    signs = [random.choice((b'"', b",", b"\n", b"\r", b"\x00", b"1", b"2026-11-20", b" ", b"nan")) for _ in range(40)]
    return HEAD + b"".join(signs)


@pytest.mark.parametrize("make", [_flipped, _cut, _noise, _strewn])
def test_ten_thousand_files_are_rows_or_errors_of_ours(make: Callable[[Random], bytes]) -> None:
    """A quarter of them each: a byte changed, a part of the file, noise, and signs that mean something."""
    random = Random(make.__name__)  # noqa: S311 - any numbers, no secrets
    ends = {end_of_csv(make(random), Interval.DAILY) for _ in range(2_500)}
    assert [end for end in ends if end != "rows" and not end.startswith(f"{WHO}: ")] == []


@given(st.binary())
def test_noise_is_no_parquet(body: bytes) -> None:
    """Without the marks of such a file at both ends nothing is even tried."""
    assert {"error of ours"} == {end_of(body), end_of(b"PAR1" + body), end_of(body + b"PAR1")}


@pytest.mark.parametrize("compression", ["SNAPPY", "GZIP", "ZSTD", None])
def test_a_whole_parquet_file_is_read(compression: str | None) -> None:
    """However it is packed, all thirty rows are there."""
    rows, notes = rows_in_parquet(parquet(compression), Interval.DAILY, {}, WHO)
    assert (len(rows), rows[0].time, notes) == (30, "2026-01-05", ())


@pytest.mark.parametrize("compression", ["SNAPPY", "GZIP", "ZSTD", None])
def test_a_part_of_a_parquet_file_is_an_error(compression: str | None) -> None:
    """A copy that broke off lacks the mark at its end."""
    body = parquet(compression)
    assert {"error of ours"} == {end_of(body[:size]) for size in range(0, len(body) - 1, 7)}


def test_a_file_that_kills_its_reader_is_an_error() -> None:
    """This one bit makes the library read memory that is not its own."""
    body = parquet(None)
    assert end_of(body[:172] + bytes([body[172] ^ 32]) + body[173:]) == "error of ours"


@pytest.mark.parametrize("sort", ["SNAPPY", "GZIP", "ZSTD", None, "noise"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.torture) for seed in range(1, 60))])
def test_a_damaged_parquet_file_is_rows_or_an_error_of_ours(sort: str | None, seed: int) -> None:
    """One flipped bit, or noise between the marks: no library's error, no process that dies, none that gets stuck."""
    random = Random(f"{sort} {seed}")  # noqa: S311 - any numbers, no secrets
    body = noise(random) if sort == "noise" else damaged(parquet(sort), random)
    assert end_of(body) in {"error of ours", "rows"}
