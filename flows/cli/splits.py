"""``nextclose splits``: what is known of stock splits, and a person's word about a jump in prices."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import known_source
from flows.cli.session import prefect_ready
from flows.core.splits import Split

if TYPE_CHECKING:
    from flows.ledger.splits import KeptSplit

app = typer.Typer(
    help="Show what is known of stock splits, and say whether a jump in prices is one.", no_args_is_help=True
)


def _name(text: str) -> str:
    return text.strip().upper()


def _day(text: str) -> str:
    from flows.core.stamps import day_in

    if day_in(text) is None:
        raise typer.BadParameter(f"{text!r} is no date; write it like 2024-06-10")
    return text


def _factor(text: str) -> str:
    from flows.core.split_words import factor_in

    if factor_in(text) is None:
        raise typer.BadParameter(
            f"{text!r} is no ratio of a split; write it like 10 or 10:1 (ten shares for one), 3:2, or 1:8 (one for eight)"
        )
    return text


Symbol = Annotated[str, typer.Argument(callback=_name, help="Whose prices, such as IBM.")]
Day = Annotated[str, typer.Argument(callback=_day, metavar="DATE", help="The first day in new prices: 2024-06-10.")]
Ratio = Annotated[str, typer.Argument(callback=_factor, help="New shares for old ones: 10, 10:1, 3:2, or 1:8.")]
Place = Annotated[str, typer.Option("--source", callback=known_source, help="Where the symbol's bars come from.")]


@app.command("list")
def list_(
    symbol: Annotated[str | None, typer.Argument(help="Only this symbol's.")] = None,
    source: Place = "alpha-vantage",
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Show what was told of splits, and which jumps were declared real moves."""
    with prefect_ready(quiet=True):
        from flows.parts import parts_in_use
        from flows.splitting import listed

        with parts_in_use(source) as parts:
            found = listed(parts, _name(symbol) if symbol else None)
    if as_json:
        print(json.dumps([_facts(one) for one in found], indent=2))
    elif found:
        _show(found)
    else:
        print("Nothing is known of splits.")


@app.command()
def confirm(symbol: Symbol, day: Day, ratio: Ratio, source: Place = "alpha-vantage") -> None:
    """Say that a split took effect, or will: prices before that day are put on the scale of those after it."""
    from flows.core.split_words import factor_in, ratio_in_words

    factor = factor_in(ratio) or 1.0
    _tell(symbol, day, factor, source, f"{symbol}: a split of {ratio_in_words(factor)} on {day} is kept")


@app.command()
def deny(symbol: Symbol, day: Day, source: Place = "alpha-vantage") -> None:
    """Say that the price really moved on a day, and that there was no split."""
    _tell(symbol, day, 1.0, source, f"{symbol}: the move on {day} is kept as a real one")


def _tell(symbol: str, day: str, factor: float, source: str, kept: str) -> None:
    with prefect_ready(quiet=True):
        from flows.parts import parts_in_use
        from flows.splitting import tell

        with parts_in_use(source) as parts:
            consequences = tell(parts, symbol, day, factor, datetime.now(UTC))
            print(f"{kept} (origin {parts.origin})")
    for one in consequences:
        print(f"  - {one}")


def _facts(one: "KeptSplit") -> dict[str, object]:
    split = one.split
    return {
        "symbol": one.symbol,
        "effective": split.effective,
        "factor": split.factor,
        "by": split.by,
        "received_at": split.received_at.isoformat(),
    }


def _show(found: "Sequence[KeptSplit]") -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE)
    for heading in ("symbol", "since", "split", "told by", "on (UTC)"):
        table.add_column(heading)
    for symbol, split in found:
        told = f"{split.received_at:%Y-%m-%d %H:%M}"
        table.add_row(symbol, split.effective, _word(split), split.by, told)
    Console().print(table)


def _word(split: Split) -> str:
    from flows.core.split_words import ratio_in_words

    return "none, the price moved" if split.is_real_move else ratio_in_words(split.factor)
