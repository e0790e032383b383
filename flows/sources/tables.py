"""Bars in files of one's own: CSV or Parquet, whatever its columns are called."""

import csv
import io
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence

from flows.core.bars import Interval
from flows.core.cleaning import RawBar
from flows.core.errors import BrokenAnswer, FixConfiguration

NAMES: Mapping[str, Sequence[str]] = {
    "time": ("time", "date", "timestamp", "datetime"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "volume": ("volume", "vol"),
}
"""What a column may be called, in any case, where nobody has said which one it is."""
PARQUET = b"PAR1"
PARQUET_SECONDS = 60
NO_VOLUME = "the file has no column for the volume, which is taken as 0"

_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]00:00(:00(\.0+)?)?(Z|[+-]\d{2}:?\d{2})?")


def rows_in_csv(
    body: bytes, interval: Interval, columns: Mapping[str, str], delimiter: str, who: str
) -> tuple[tuple[RawBar, ...], tuple[str, ...]]:
    """Return the rows of a CSV file with a heading, values untouched, and notes.

    Args:
        body: The file.
        interval: How much time each bar spans; dates of whole sessions may carry a midnight.
        columns: For time, open, high, low, close and volume the column that holds it, where it is another word.
        delimiter: What stands between two cells.
        who: The symbol and step that head an error's message.

    Raises:
        BrokenAnswer: It is no such file.
        FixConfiguration: A column is missing.
    """
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))
    except UnicodeDecodeError:
        raise BrokenAnswer(f"{who}: the file is not in UTF-8. Save it in that encoding") from None
    except csv.Error as error:
        raise BrokenAnswer(f"{who}: the file is no CSV ({error}). Look at its quotation marks") from None
    lines = [line for line in lines if line]
    if not lines:
        raise BrokenAnswer(f"{who}: the file is empty. It needs a heading and a row for each bar")
    return _rows(lines[0], lines[1:], interval, columns, who)


def rows_in_parquet(
    body: bytes, interval: Interval, columns: Mapping[str, str], who: str
) -> tuple[tuple[RawBar, ...], tuple[str, ...]]:
    """Return the rows of a Parquet file, values as text, and notes; arguments and errors as for `rows_in_csv`."""
    if not (body.startswith(PARQUET) and body.endswith(PARQUET)):
        raise BrokenAnswer(f"{who}: the file is no Parquet, or not whole. Copy it again, or save it as CSV")
    # In a process of its own: a damaged file can take down the one that reads it, or hold it for ever.
    command = (sys.executable, "-m", "flows.sources.parquet")
    try:
        done = subprocess.run(command, input=body, capture_output=True, timeout=PARQUET_SECONDS, check=False)  # noqa: S603 - our own program
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        raise BrokenAnswer(f"{who}: the Parquet file is damaged. Copy it again, or save it as CSV")
    return rows_in_csv(done.stdout, interval, columns, ",", who)


def _rows(
    head: Sequence[str], lines: Iterable[Sequence[str]], interval: Interval, columns: Mapping[str, str], who: str
) -> tuple[tuple[RawBar, ...], tuple[str, ...]]:
    head, lines = _joined(head, lines, interval, columns)
    places = {name: _place(name, head, columns, who) for name in RawBar._fields}
    notes = (NO_VOLUME,) if places["volume"] is None else ()
    return tuple(_row(line, places, interval) for line in lines), notes


def _joined(
    head: Sequence[str], lines: Iterable[Sequence[str]], interval: Interval, columns: Mapping[str, str]
) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """Join a column for the date and one for the time of day, where there are both; a whole session needs the date."""
    known = [heading.strip().lower() for heading in head]
    if "time" in columns or not {"date", "time"} <= set(known):
        return head, lines
    day, hour = known.index("date"), known.index("time")
    named = [f"{heading} of day" if place == hour else heading for place, heading in enumerate(head)]
    if interval.minutes is None:
        return named, lines
    joined = ([*line, f"{_cell(line, day)} {_cell(line, hour)}"] for line in lines)
    return [*(f"{heading} alone" if place == day else heading for place, heading in enumerate(named)), "time"], joined


def _place(name: str, head: Sequence[str], columns: Mapping[str, str], who: str) -> int | None:
    wanted = [columns[name]] if name in columns else NAMES[name]
    known = [heading.strip().lower() for heading in head]
    for word in wanted:
        if word.strip().lower() in known:
            return known.index(word.strip().lower())
    if name == "volume" and name not in columns:
        return None
    raise FixConfiguration(
        f"{who}: no column of the file is called {' or '.join(wanted)}; there are {', '.join(head)[:200]}. "
        f"Say which one holds the {name} (--column, or columns in the csv-files block)"
        + (", or what stands between the cells" if len(head) == 1 else "")
    )


def _row(line: Sequence[str], places: Mapping[str, int | None], interval: Interval) -> RawBar:
    cells = {name: "0" if place is None else _cell(line, place) for name, place in places.items()}
    midnight = _MIDNIGHT.fullmatch(str(cells["time"])) if interval.minutes is None else None
    time = midnight[1] if midnight else cells["time"]
    return RawBar(**{**cells, "time": time})


def _cell(line: Sequence[str], place: int) -> str | None:
    return line[place].strip() if place < len(line) else None
