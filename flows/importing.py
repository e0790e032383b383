"""Bars from a person's file into the ledger, by the same way as all others: cleaned, produced, consumed."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from flows import steps
from flows.core.bars import Bar, Interval, Origin, SeriesId
from flows.core.calendars import calendar_of
from flows.core.cleaning import TOLERATED_SHARE, Cleaned, RawBar, RawSeries
from flows.core.errors import FixConfiguration, RejectData
from flows.core.merging import Merge
from flows.core.request import require_symbol
from flows.ledger.bars import newest_versions
from flows.ledger.imports import Import, claim_series, keep_import
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.sources.tables import rows_in_csv, rows_in_parquet
from flows.steps import Run

CHUNK = 5_000
"""Bars produced before they are consumed: the embedded broker keeps 5 MiB."""
ASTRAY = 0.2
"""If more than this share of the times lies outside the sessions, a look at the zone is due."""


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
    _require_good_rows(cleaned, raw)
    _require_zone(cleaned, raw)
    engine = open_ledger(parts.ledger, parts.origin)
    claim_series(engine, series, parts.source.kind)
    merge = Merge(cleaned.series, {time: bar for time, (_, bar) in newest_versions(engine, series).items()})
    new, changed = merge.new, merge.changed if revise else ()
    if not revise:
        merge.require_agreement()
    taken = tuple(sorted(new + changed))
    if taken:
        # Before the bars, and over the whole file: an import that was interrupted is named too, and completed by the next.
        name, bars = found.file.path.name[:250], cleaned.series.bars
        keep_import(engine, series, Import(name, found.digest, bars[0].time, bars[-1].time, len(bars), run.issued_at))
    _send(parts, run, cleaned, taken, tell)
    return _outcome(raw, cleaned, merge, changed)


def _require_zone(cleaned: Cleaned, raw: RawSeries) -> None:
    """Raise RejectData if many times lie outside the sessions while the sessions themselves have gaps."""
    bars = cleaned.series.bars
    if raw.interval.minutes is None or len(raw.rows) - len(bars) <= ASTRAY * len(raw.rows):
        return
    expected = calendar_of(raw.symbol, raw.interval).labels_between(
        f"{bars[0].time[:10]}T00:00:00Z", f"{bars[-1].time[:10]}T23:59:59Z"
    )
    if len(bars) < (1 - ASTRAY) * len(expected):
        raise RejectData(
            f"{raw.symbol}, import: {len(raw.rows) - len(bars)} of {len(raw.rows)} times lie outside the exchange's "
            f"sessions, and {len(expected) - len(bars)} bars are missing within them. Nothing was imported: are the times "
            "of another zone? Name it with --timezone"
        )


def _require_good_rows(cleaned: Cleaned, raw: RawSeries) -> None:
    bad = cleaned.rejected
    if len(bad) > TOLERATED_SHARE * len(raw.rows) or not cleaned.series.bars:
        shown = "; ".join((*(f"{found.time or 'undated'}: {found.reason}" for found in bad[:3]), *cleaned.notes[:2]))
        raise RejectData(
            f"{raw.symbol}, import: {len(bad)} of the file's {len(raw.rows)} rows are unusable ({shown or 'no bar is left'}). "
            "Nothing was imported: mend these rows or take them out. Dates are written like 2026-11-20, numbers like 1234.5"
        )


def _send(parts: Parts, run: Run, cleaned: Cleaned, bars: tuple[Bar, ...], tell: Callable[[int, int], None]) -> None:
    done = 0
    if bars:
        steps.connect(parts)
        steps.consume(parts, [], run.run_id)
    for part in replace(cleaned, series=replace(cleaned.series, bars=bars)).pieces(CHUNK):
        steps.consume(parts, [steps.produce(parts, part, run)], run.run_id)
        done += len(part.series)
        tell(done, len(bars))


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
