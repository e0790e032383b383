"""Splits: what the vendor and people have told of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from flows.core.bars import Origin
from flows.core.splits import Split
from flows.ledger.tables import splits


class KeptSplit(NamedTuple):
    """A split, and whose it is."""

    symbol: str
    split: Split


def keep_splits(engine: Engine, origin: Origin, symbol: str, found: Iterable[Split]) -> None:
    """Store what somebody told; safe to repeat.

    A person's word replaces any other on the same day. The vendor's replaces only its own that there was no split.
    """
    dialect = sqlite if engine.dialect.name == "sqlite" else postgresql
    with engine.begin() as connection:
        for split in found:
            told = {"factor": split.factor, "by": split.by, "received_at": split.received_at}
            statement = dialect.insert(splits).values(origin=origin, symbol=symbol, effective=split.effective, **told)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["origin", "symbol", "effective"],
                    set_={name: statement.excluded[name] for name in told},
                    where=_gives_way(split),
                )
            )


def _gives_way(split: Split) -> ColumnElement[bool]:
    """Say which kept word a new one replaces; the same word again leaves the instant at which it was first told."""
    if split.by == "person":
        return (splits.c.by != "person") | (splits.c.factor != split.factor)
    return (splits.c.by == "vendor") & (splits.c.factor == 1.0) & (splits.c.factor != split.factor)


def known_splits(engine: Engine, origin: Origin, symbol: str, seen: datetime | None = None) -> list[Split]:
    """Return what is known of a symbol's splits, the earliest first.

    Args:
        engine: The ledger.
        origin: Where the symbol's bars come from.
        symbol: Whose splits.
        seen: Only what was received up to this instant.
    """
    limits = [splits.c.origin == origin, splits.c.symbol == symbol]
    limits += [] if seen is None else [splits.c.received_at <= seen]
    return [kept.split for kept in _kept(engine, *limits)]


def all_splits(engine: Engine, origin: Origin, symbol: str | None = None) -> list[KeptSplit]:
    """Return what is known of all symbols' splits, or of one's, by symbol and date."""
    limits = [splits.c.origin == origin, *([] if symbol is None else [splits.c.symbol == symbol])]
    return _kept(engine, *limits)


def _kept(engine: Engine, *limits: ColumnElement[bool]) -> list[KeptSplit]:
    columns = (splits.c.symbol, splits.c.effective, splits.c.factor, splits.c.by, splits.c.received_at)
    query = select(*columns).where(*limits).order_by(splits.c.symbol, splits.c.effective)
    with engine.connect() as connection:
        return [KeptSplit(symbol, Split(*facts)) for symbol, *facts in connection.execute(query)]
