"""Where the ledger is, and moving it, as ``nextclose configure --move-ledger`` does."""

from pathlib import Path
from typing import TYPE_CHECKING

from flows.cli.session import say
from flows.core.errors import FixConfiguration

if TYPE_CHECKING:
    from flows.core.connections import LedgerConnection


def moved(url: str) -> None:
    """Copy the ledger in use into an empty database.

    Raises:
        NextcloseError: The database cannot be used, or is not empty; nothing was moved, and the old ledger is in use.
    """
    from rich.console import Console
    from rich.progress import Progress

    from flows.core.bars import Origin
    from flows.core.connections import LedgerConnection
    from flows.ledger.moving import move
    from flows.ledger.store import open_ledger

    source = open_ledger(_in_use(), Origin.LIVE)
    target = open_ledger(LedgerConnection(absolute(url)), Origin.LIVE)
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("rows", total=None)

        def tell(name: str, count: int) -> None:
            progress.update(bar, description=f"{name}: {count} rows")

        counts = move(source, target, tell)
    say(f"nextclose: moved {sum(counts.values())} rows of {len(counts)} tables; the old ledger is left as it was")


def _in_use() -> "LedgerConnection":
    from blocks import Ledger
    from flows.embedded.state import state_directory
    from flows.parts import default_ledger
    from flows.stored_blocks import stored

    block = stored(Ledger, "ledger")
    return block.connection() if block is not None else default_ledger(state_directory())


def absolute(url: str) -> str:
    """Return a database address that means the same in every folder.

    Raises:
        FixConfiguration: It is no address, or names no file.
    """
    from flows.ledger.addresses import address_in

    try:
        parsed = address_in(url.strip())
    except FixConfiguration as error:
        raise FixConfiguration(f"{str(error).replace('request:', 'configure:', 1)}. Nothing was stored") from None
    if parsed.get_backend_name() != "sqlite":
        return url.strip()
    if parsed.database in (None, "", ":memory:"):
        raise FixConfiguration(
            "configure: LEDGER_URL names no file, so the ledger would forget all. Nothing was stored"
        )
    return parsed.set(database=str(Path(str(parsed.database)).resolve())).render_as_string(hide_password=False)
