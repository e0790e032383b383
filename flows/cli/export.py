"""``nextclose export``: the ledger as files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import options
from flows.cli.session import prefect_ready, say

if TYPE_CHECKING:
    from flows.ledger.exporting import Exported, Format
    from flows.parts import Parts


def known_format(text: str) -> str:
    """Return the format of this name; raise typer.BadParameter if there is none."""
    if text not in ("csv", "parquet"):
        raise typer.BadParameter(f"no format is called {text!r}; there are csv and parquet")
    return text


def export(
    folder: Annotated[Path, typer.Argument(help="Where the files go; made where it is missing.", file_okay=False)],
    form: Annotated[str, typer.Option("--format", callback=known_format, help="csv or parquet.")] = "csv",
    symbol: Annotated[str | None, typer.Option(help="Only what is about this symbol.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    source: options.Source = "alpha-vantage",
    as_json: options.AsJson = False,
) -> None:
    """Write every table of the ledger, and the scores, as files that anybody can compute with."""
    chosen = options.known_symbols([symbol])[0] if symbol else None
    with prefect_ready(quiet=True):
        from flows.parts import parts_in_use

        with parts_in_use(source) as parts:
            made = _export(parts, folder, "parquet" if form == "parquet" else "csv", chosen, overwrite=overwrite)
    if as_json:
        print(json.dumps([{**one._asdict(), "file": str(one.file)} for one in made], indent=2))
    else:
        print("\n".join(f"{one.rows:>9} rows  {one.file}" for one in made))


def _export(parts: "Parts", folder: Path, form: "Format", symbol: str | None, *, overwrite: bool) -> "list[Exported]":
    from flows.ledger.exporting import export as write
    from flows.ledger.store import open_ledger

    def tell(name: str) -> None:
        say(f"nextclose: writing {name} …")

    return write(open_ledger(parts.ledger, parts.origin), folder, form, symbol, tell, overwrite=overwrite)
