"""``nextclose replay``: recorded forecasts made again."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import options
from flows.cli.session import prefect_ready, say

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flows.ledger.replays import Recorded
    from flows.parts import Parts
    from flows.replaying import Replay

SHORTEST = 6
EXIT_DIFFERENT = 1


def known_ids(ids: list[str]) -> list[str]:
    """Return ids, or their beginnings; raise typer.BadParameter if one cannot be."""
    for text in ids:
        if len(text) < SHORTEST or len(text) > 64 or set(text.lower()) - set("0123456789abcdef"):
            raise typer.BadParameter(
                f"{text!r} is no forecast's id: 64 hexadecimal digits, or at least the first {SHORTEST}, as "
                "`nextclose explain SYMBOL` prints them"
            )
    return [text.lower() for text in ids]


def replay(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="FORECAST_ID…", help="Forecasts' ids, or their beginnings.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every forecast on record.")] = False,
    symbol: Annotated[str | None, typer.Option(help="With --all: only this symbol's.")] = None,
    from_kafka: Annotated[
        bool, typer.Option("--from-kafka", help="Take the bars from their topic, up to the recorded offsets.")
    ] = False,
    source: options.Source = "alpha-vantage",
    as_json: options.AsJson = False,
) -> None:
    """Make forecasts again from the bars as they were known then, and compare every number and hash.

    Exits with 1 if anything differs.
    """
    wanted = known_ids(ids or [])
    if bool(wanted) == everything:
        raise typer.BadParameter("give forecasts' ids, or --all")
    chosen = options.known_symbols([symbol])[0] if symbol else None
    with prefect_ready(quiet=True):
        from flows.ledger.store import open_ledger
        from flows.parts import parts_in_use

        with parts_in_use(source) as parts:
            engine = open_ledger(parts.ledger, parts.origin)
            found = _found(engine, wanted, chosen)
            made = _replayed(parts, engine, found, from_kafka=from_kafka)
    _print(made, as_json=as_json)
    if any(not one.is_same for one in made):
        raise typer.Exit(EXIT_DIFFERENT)


def _found(engine: "Engine", wanted: list[str], symbol: str | None) -> "list[Recorded]":
    from flows.ledger.replays import recorded_all, recorded_like

    if not wanted:
        return recorded_all(engine, symbol)
    found = []
    for text in wanted:
        like = recorded_like(engine, text)
        if len(like) != 1:
            what = "several forecasts have ids that begin so" if like else "no forecast has this id"
            raise typer.BadParameter(f"{text}: {what}; `nextclose explain SYMBOL` and `forecast --json` print it")
        found += like
    return found


def _replayed(parts: "Parts", engine: "Engine", found: "Iterable[Recorded]", *, from_kafka: bool) -> "list[Replay]":
    from rich.console import Console
    from rich.progress import track

    from flows.replaying import replay as again
    from flows.replaying import topic_of

    recorded = list(found)
    topic = topic_of(parts, recorded, lambda count: say(f"nextclose: {count} records read …")) if from_kafka else None
    shown = track(recorded, description="forecasts", console=Console(stderr=True))
    return [again(engine, one, topic) for one in shown]


def _print(made: "list[Replay]", *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "forecast_id": one.forecast_id,
                "forecast": one.name,
                "same": one.is_same,
                "differences": list(one.differences),
                "notes": list(one.notes),
            }
            for one in made
        ]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for one in made:
        if one.differences or one.notes or len(made) == 1:
            print(f"{one.name} ({one.forecast_id[:12]}): {'the same' if one.is_same else 'DIFFERENT'}")
            print("".join(f"  - {line}\n" for line in (*one.differences, *one.notes)), end="")
    same = sum(one.is_same for one in made)
    print(f"{len(made)} replayed: {same} the same, {len(made) - same} different")
