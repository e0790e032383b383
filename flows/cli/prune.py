"""``nextclose prune``: what is old enough to be forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from flows.cli import options
from flows.cli.session import prefect_ready

REPLAYS = (
    "Forecasts that were made from these bars cannot be replayed any more; `nextclose export` keeps a copy of them."
)


def prune(
    older_than: Annotated[int, typer.Option(min=30, metavar="DAYS", help="What is older than so many days.")],
    with_bars: Annotated[
        bool, typer.Option("--bars", help="Bars within sessions too, which are most of a ledger.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete it; without this it is only shown.")] = False,
    source: options.Source = "alpha-vantage",
) -> None:
    """Delete old runs and request counts from the ledger; forecasts, mails, splits and daily bars are never deleted."""
    before = datetime.now(UTC) - timedelta(days=older_than)
    with prefect_ready(quiet=True):
        from flows.ledger.pruning import prunable
        from flows.ledger.pruning import prune as delete
        from flows.ledger.store import open_ledger
        from flows.parts import parts_in_use

        with parts_in_use(source) as parts:
            engine = open_ledger(parts.ledger, parts.origin)
            found = (delete if yes else prunable)(engine, before, with_bars=with_bars)
    verb = "deleted" if yes else "would be deleted"
    print("\n".join(f"{one.rows:>9} rows of {one.table} from before {before:%Y-%m-%d} {verb}" for one in found))
    if with_bars:
        print(REPLAYS)
    if not yes:
        print("Nothing was deleted. Say --yes to do it.")
