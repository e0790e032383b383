"""What people say about splits, and what the ledger's prices make of it."""

from collections.abc import Iterator
from datetime import datetime

from flows.core.bars import Interval, SeriesId
from flows.core.calendars import calendar_of
from flows.core.request import require_symbol
from flows.core.split_words import ratio_in_words
from flows.core.splits import Split
from flows.ledger.splits import KeptSplit, all_splits, keep_splits
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps.looking_back import look_back, mark_splits


def listed(parts: Parts, symbol: str | None) -> list[KeptSplit]:
    """Return what is known of all symbols' splits, or of one's."""
    return all_splits(open_ledger(parts.ledger, parts.origin), parts.origin, symbol)


def tell(parts: Parts, symbol: str, day: str, factor: float, now: datetime) -> list[str]:
    """Keep a person's word about a day; return what the prices of each interval in the ledger make of it.

    Forecasts across that day are scored accordingly.

    Args:
        parts: The ledger, and the origin of the bars.
        symbol: Whose prices.
        day: The ISO date from which on prices are in new units, or of the move.
        factor: How many shares one becomes; 1 for a real move.
        now: When the person said so.

    Raises:
        RejectSymbol: It can be no symbol.
    """
    require_symbol(symbol, "splits")
    calendar_of(symbol)
    keep_splits(open_ledger(parts.ledger, parts.origin), parts.origin, symbol, [Split(day, factor, "person", now)])
    return list(_consequences(parts, symbol, now))


def _consequences(parts: Parts, symbol: str, now: datetime) -> Iterator[str]:
    engine = open_ledger(parts.ledger, parts.origin)
    for interval in Interval:
        slot = calendar_of(symbol, interval).slot(now)
        found = look_back(engine, SeriesId(parts.origin, symbol, interval), slot, now)
        mark_splits(engine, found)
        yield from (f"{interval} bars: {note}" for note in found.split_notes)
        for jump in found.jumps:
            yield (
                f"{interval} bars: the close goes from {jump.before:g} on {jump.since} to {jump.after:g} on {jump.time}, "
                f"which still looks like a split of {ratio_in_words(jump.factor)}: confirm or deny one on {jump.day}"
            )
