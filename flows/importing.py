"""Bars from a person's file into the ledger, by the same way as all others: cleaned, produced, consumed."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from flows import steps
from flows.core.bars import Bar, Interval, Origin, SeriesId
from flows.core.cleaning import Cleaned, RawBar, RawSeries
from flows.core.errors import FixConfiguration
from flows.core.merging import Merge
from flows.core.request import require_symbol
from flows.ledger.bars import newest_versions
from flows.ledger.imports import Import, keep_import
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.sources.tables import rows_in_csv, rows_in_parquet
from flows.steps import Run

CHUNK = 5_000
"""Bars produced before they are consumed: the embedded broker keeps 5 MiB."""
END_OF_TIME = "9999-12-31"


@dataclass(frozen=True, slots=True)
class File:
    """A file of one symbol's bars, and how to read it."""

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    """For time, open, high, low, close and volume the name of the column that holds it, where it is another word."""
    delimiter: str = ","
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands in a file."""

    file: File
    digest: str
    """SHA-256 of the file, in hexadecimal."""
    rows: tuple[RawBar, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file's rows."""

    symbol: str
    interval: Interval
    origin: Origin
    rows: int
    added: int
    revised: int
    known: int
    """Bars that the ledger had already and that were left as they are."""
    rejected: int
    first: str | None
    """The first bar added."""
    last: str | None
    notes: tuple[str, ...]


def read(file: File, symbol: str, interval: Interval) -> Rows:
    """Return the rows of a CSV file with a heading, or of a Parquet file.

    Raises:
        NextcloseError: The file cannot be read, or is no table of bars, or the symbol cannot be one.
    """
    require_symbol(symbol, "import")
    who = f"{symbol}, import"
    try:
        body = file.path.read_bytes()
    except OSError as error:
        raise FixConfiguration(
            f"{who}: {file.path} cannot be read ({error.strerror}). Check its name and its rights"
        ) from None
    if file.path.suffix.lower() in (".parquet", ".pq"):
        rows, notes = rows_in_parquet(body, interval, file.columns, who)
    else:
        rows, notes = rows_in_csv(body, interval, file.columns, file.delimiter, who)
    return Rows(file, hashlib.sha256(body).hexdigest(), rows, notes)


def bring_in(
    parts: Parts,
    run: Run,
    found: Rows,
    series: SeriesId,
    tell: Callable[[int, int], None],
    *,
    revise: bool = False,
) -> Imported:
    """Bring a file's bars into a series; what the ledger holds already stays as it is. Safe to repeat.

    Args:
        parts: Where Kafka and the ledger are.
        run: Whose name stands on the records.
        found: What stands in the file.
        series: Whose bars they are.
        tell: Called with the number of bars done, and of all.
        revise: Take the file's values, as corrections, where the ledger has others.

    Raises:
        RejectData: Too many rows are unusable, or contradict the ledger; nothing is imported then.
    """
    raw = RawSeries(
        series.symbol, series.interval, series.origin, found.rows, run.issued_at, found.notes, found.file.zone
    )
    cleaned = steps.clean(raw, run.now)
    cleaned.require_trust(END_OF_TIME)
    engine = open_ledger(parts.ledger, parts.origin)
    merge = Merge(cleaned.series, {time: bar for time, (_, bar) in newest_versions(engine, series).items()})
    new, changed = merge.new, merge.changed if revise else ()
    if not revise:
        merge.require_agreement()
    _send(parts, run, cleaned, tuple(sorted(new + changed)), tell)
    if new:
        name = found.file.path.name[:250]
        keep_import(engine, series, Import(name, found.digest, new[0].time, new[-1].time, len(new), run.issued_at))
    return _outcome(raw, cleaned, merge, changed)


def _send(parts: Parts, run: Run, cleaned: Cleaned, bars: tuple[Bar, ...], tell: Callable[[int, int], None]) -> None:
    done = 0
    for part in _chunks(cleaned, bars):
        steps.consume(parts, [steps.produce(parts, part, run)])
        done += len(part.series)
        tell(done, len(bars))


def _chunks(cleaned: Cleaned, bars: tuple[Bar, ...]) -> Iterator[Cleaned]:
    """Yield the bars in chunks, the rejected rows with the first."""
    for begin in range(0, max(len(bars), 1), CHUNK):
        chunk = replace(cleaned.series, bars=bars[begin : begin + CHUNK])
        yield replace(cleaned, series=chunk, rejected=() if begin else cleaned.rejected)


def _outcome(raw: RawSeries, cleaned: Cleaned, merge: Merge, changed: tuple[Bar, ...]) -> Imported:
    new = merge.new
    return Imported(
        symbol=raw.symbol,
        interval=raw.interval,
        origin=raw.origin,
        rows=len(raw.rows),
        added=len(new),
        revised=len(changed),
        known=len(cleaned.series) - len(new) - len(changed),
        rejected=len(cleaned.rejected),
        first=new[0].time if new else None,
        last=new[-1].time if new else None,
        notes=(*cleaned.notes, *(() if changed else merge.difference_note()), *merge.seam_notes()),
    )
