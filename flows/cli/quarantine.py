"""``nextclose quarantine``: look at what could not be used, and send it again."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.session import prefect_ready, say
from flows.core.errors import FixConfiguration

if TYPE_CHECKING:
    from flows.parts import Parts
    from flows.quarantining import Listed

app = typer.Typer(help="Look at rows and records that could not be used, and send them again.", no_args_is_help=True)
NEWEST = 50


@app.command("list")
def list_(
    symbol: Annotated[str | None, typer.Option(help="Only what names this symbol.")] = None,
    everything: Annotated[bool, typer.Option("--all", help=f"Show all, not only the newest {NEWEST}.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON, original bytes in base64.")] = False,
) -> None:
    """Show what is in quarantine, the newest last."""
    with prefect_ready(quiet=True):
        from flows.parts import parts_in_use
        from flows.quarantining import listed

        with parts_in_use() as parts:
            _require_durable(parts)
            found = listed(parts, symbol.strip().upper() if symbol else None)
    shown = found if everything else found[-NEWEST:]
    if as_json:
        print(json.dumps([_facts(one) for one in shown], indent=2, ensure_ascii=False))
    elif not found:
        print("Nothing is in quarantine.")
    else:
        _show(shown)
        if len(shown) < len(found):
            print(f"{len(found) - len(shown)} older ones are not shown; --all shows them")


@app.command()
def release(
    ids: Annotated[list[str] | None, typer.Argument(help="Which ones, by the id that `list` shows.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were not sent again yet.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also what was sent again before.")] = False,
) -> None:
    """Send records to the bars topic again: a record as it came, a source's row as the bar that it names."""
    if bool(ids) == everything:
        raise typer.BadParameter("name the records, or give --all")
    with prefect_ready(quiet=True):
        from flows.parts import parts_in_use
        from flows.quarantining import chosen_of, listed
        from flows.quarantining import release as send_again
        from flows.steps import Run

        with parts_in_use() as parts:
            _require_durable(parts)
            found = listed(parts)
            waiting = [one for one in found if again or one.released_at is None]
            chosen, unknown = (waiting, []) if everything else chosen_of(found, ids or [])
            now = datetime.now(UTC)
            results = list(send_again(parts, Run(str(uuid.uuid4()), "quarantine", now, now), chosen, again=again))
    for result in results:
        print(f"{result.id}: {result.said}")
    for name in unknown:
        say(f"nextclose: {name} is not in quarantine; `nextclose quarantine list` shows what is")
    if unknown or not all(result.done for result in results):
        raise typer.Exit(1)


def _require_durable(parts: "Parts") -> None:
    if parts.kafka.private:
        raise FixConfiguration(
            "quarantine, request: there is no kafka block, and the broker of each run forgets what was put into quarantine "
            "when the run ends. Start one with `make kafka`, or configure a Kafka cluster"
        )


def _facts(found: "Listed") -> dict[str, object]:
    entry, released_at = found
    return {
        "id": entry.id,
        "topic": entry.topic,
        "put_at": entry.put_at.isoformat(),
        "released_at": released_at.isoformat() if released_at else None,
        **entry.record.model_dump(mode="json"),
    }


def _show(shown: "Sequence[Listed]") -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE)
    for heading in ("id", "put there (UTC)", "symbol", "from", "reason", "sent again (UTC)"):
        table.add_column(heading, overflow="fold")
    for entry, released_at in shown:
        record, source = entry.record, entry.record.source
        place = (
            f"{source.topic}, {source.partition}-{source.offset}" if source else f"a row of {record.time or 'no date'}"
        )
        times = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (entry.put_at, released_at))
        put_at, sent_at = times
        table.add_row(entry.id, put_at, record.symbol or "?", place, escape(record.reason), sent_at)
    Console().print(table)
