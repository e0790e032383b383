"""Splits: what the vendor and people have told of them, every word with its instant."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from flows.core.bars import Origin
from flows.core.splits import Split
from flows.ledger.tables import splits
from flows.ledger.turns import take_turn


class KeptSplit(NamedTuple):
    """A split, and whose it is."""

    symbol: str
    split: Split


def keep_splits(engine: Engine, origin: Origin, symbol: str, found: Iterable[Split]) -> None:
    """Store what somebody told, unless it changes nothing; safe to repeat.

    No word is lost: what was known at an instant can be told for ever. From then on a person's word counts instead of any
    other on the same day; the vendor's instead of its own that there was no split.
    """
    with engine.begin() as connection:
        take_turn(connection, "splits", origin, symbol)
        for split in found:
            same_day = (splits.c.origin == origin, splits.c.symbol == symbol, splits.c.effective == split.effective)
            if all(_gives_way(kept.split, split) for kept in _counting(connection, *same_day)):
                _append(connection, origin, symbol, split)


def _gives_way(kept: Split, split: Split) -> bool:
    """Say whether a new word counts instead of a kept one; the same word again leaves the instant of the first."""
    if split.by == "person":
        return kept.by != "person" or kept.factor != split.factor
    return kept.by == "vendor" and kept.is_real_move and not split.is_real_move


def _append(connection: Connection, origin: Origin, symbol: str, split: Split) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(splits).values(origin=origin, symbol=symbol, **asdict(split))
    # Of two words in one instant the last one counts: no look at the ledger by an instant tells them apart.
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(splits.primary_key), set_={"factor": statement.excluded.factor}
        )
    )


def known_splits(engine: Engine, origin: Origin, symbol: str, seen: datetime | None = None) -> list[Split]:
    """Return what counts of what was told of a symbol's splits, the earliest day first.

    Of a day that is a person's newest word, otherwise the vendor's newest one.

    Args:
        engine: The ledger.
        origin: Where the symbol's bars come from.
        symbol: Whose splits.
        seen: Only what was received up to this instant: what counted then.
    """
    limits = [splits.c.origin == origin, splits.c.symbol == symbol]
    limits += [] if seen is None else [splits.c.received_at <= seen]
    with engine.connect() as connection:
        return [kept.split for kept in _counting(connection, *limits)]


def all_splits(engine: Engine, origin: Origin, symbol: str | None = None) -> list[KeptSplit]:
    """Return what counts now of what was told of all symbols' splits, or of one's, by symbol and date."""
    limits = [splits.c.origin == origin, *([] if symbol is None else [splits.c.symbol == symbol])]
    with engine.connect() as connection:
        return _counting(connection, *limits)


def _counting(connection: Connection, *limits: ColumnElement[bool]) -> list[KeptSplit]:
    """Return for each symbol and day the word that counts among some."""
    columns = (splits.c.symbol, splits.c.effective, splits.c.factor, splits.c.by, splits.c.received_at)
    rows = connection.execute(select(*columns).where(*limits))
    told = [KeptSplit(symbol, Split(*facts)) for symbol, *facts in rows]
    # The word that counts comes last, and stays.
    told.sort(key=lambda kept: (*_day(kept), kept.split.by == "person", kept.split.received_at))
    return list({_day(kept): kept for kept in told}.values())


def _day(kept: KeptSplit) -> tuple[str, str]:
    return kept.symbol, kept.split.effective
