"""What a ledger's chain of forecasts tells by itself, where there is no topic to compare it with."""

from collections.abc import Callable, Iterator, Sequence

from flows.core.bars import SeriesId
from flows.core.issued import Issued, Kept
from flows.core.proof import Finding


def check_chain(kept: Sequence[Kept], hash_of: Callable[[Issued], str]) -> Iterator[Finding]:
    """Find forecasts whose numbers are not those that were hashed, and holes in a chain.

    Args:
        kept: The ledger's forecasts, each series in the order of its chain.
        hash_of: How a forecast is hashed.
    """
    before: dict[SeriesId, Kept] = {}
    for one in kept:
        if not one.issued.place:
            continue
        series = SeriesId(one.issued.origin, one.issued.symbol, one.issued.interval)
        last = before.get(series)
        if one.issued.place != (last.issued.place if last else 0) + 1:
            yield Finding("missing", one.issued.name, "a forecast before it in its chain is not in the ledger")
        elif one.issued.previous != (last.record_hash if last else None):
            yield Finding("chain", one.issued.name, "it does not name the hash of the forecast before it")
        if one.record_hash != hash_of(one.issued):
            yield Finding("altered", one.issued.name, "its hash in the ledger is not that of its numbers")
        before[series] = one


def unplaced(kept: Sequence[Kept], count: int) -> Iterator[Finding]:
    """Find forecasts that have no place in a chain, although there were only so many when chaining began."""
    without = [one for one in kept if not one.issued.place]
    if len(without) > count:
        names = ", ".join(one.issued.name for one in without[-(len(without) - count) :])
        what = f"{len(without)} forecasts are in no chain, {count} were when chaining began; the last are {names}"
        yield Finding("missing", without[-1].issued.name, what)
