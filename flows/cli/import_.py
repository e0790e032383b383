"""``nextclose import``: bars of one's own into the ledger."""

import json
import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import known_interval
from flows.cli.session import prefect_ready, say
from flows.core.bars import Interval, SeriesId
from flows.core.stamps import is_zone

if TYPE_CHECKING:
    from flows.importing import Imported, Rows
    from flows.parts import Parts


def import_(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or Parquet file of one symbol's bars.")
    ],
    symbol: Annotated[
        str | None, typer.Option(help="Whose bars they are; the file's name where this is not given.")
    ] = None,
    interval: Annotated[str, typer.Option(callback=known_interval, help="How much time each bar spans.")] = "daily",
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=HEADING",
            help="The heading of time, open, high, low, close or volume where it is another word: close=Last.",
        ),
    ] = None,
    delimiter: Annotated[str, typer.Option(help="What stands between two cells of a CSV file.")] = ",",
    timezone: Annotated[
        str, typer.Option(help="The zone of times without an offset; the exchange's own where this is not given.")
    ] = "",
    revise: Annotated[
        bool, typer.Option("--revise", help="Take the file's values where the ledger has others.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Import bars from a file: cleaned and published like all others, and named in every report that uses them."""
    from flows.importing import File, read

    chosen = (symbol or file.stem.removesuffix(f"-{interval}")).strip().upper()
    described = File(file, _mapping(column or []), _delimiter(delimiter), _zone(timezone))
    say(f"nextclose: reading {file} …")
    found = read(described, chosen, Interval(interval))
    with prefect_ready(quiet=True):
        from flows.parts import parts_in_use

        with parts_in_use() as parts:
            series = SeriesId(parts.origin, chosen, Interval(interval))
            done = _bring_in(parts, found, series, revise=revise)
    print(json.dumps(asdict(done), indent=2, ensure_ascii=False) if as_json else _sentence(done))
    for note in () if as_json else done.notes:
        print(f"  - {note}")


def _bring_in(parts: "Parts", found: "Rows", series: SeriesId, *, revise: bool) -> "Imported":
    from rich.console import Console
    from rich.progress import Progress

    from flows.importing import bring_in
    from flows.steps import Run

    now = datetime.now(UTC)
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("bars", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        return bring_in(parts, Run(str(uuid.uuid4()), "import", now, now), found, series, tell, revise=revise)


def _sentence(done: "Imported") -> str:
    span = f", from {done.first} to {done.last}" if done.first else ""
    return (
        f"{done.symbol} {done.interval} ({done.origin}): {done.rows} rows read, {done.added} bars added{span}, "
        f"{done.revised} revised, {done.known} known already, {done.rejected} rejected"
    )


def _mapping(pairs: list[str]) -> dict[str, str]:
    from flows.sources.tables import NAMES

    found = {name: heading for name, _, heading in (pair.partition("=") for pair in pairs)}
    for name, heading in found.items():
        if name not in NAMES or not heading:
            raise typer.BadParameter(
                f"--column {name!r}: write it like close=Last, with one of {', '.join(NAMES)} in front"
            )
    return found


def _delimiter(text: str) -> str:
    sign = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(sign) != 1 or sign in '"\r\n':
        raise typer.BadParameter(f"--delimiter {text!r}: give one sign, or tab")
    return sign


def _zone(name: str) -> str:
    if name and not is_zone(name):
        raise typer.BadParameter(f"--timezone {name!r} is no time zone, such as Europe/London")
    return name
