"""What earlier forecasts and comparisons leave to the next forecast."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from flows.core.bars import SeriesId
from flows.core.limits import Earlier
from flows.core.models import MODELS
from flows.core.periods import Slot
from flows.core.recipe import ContestKind, Recipe
from flows.ledger.store import open_ledger
from flows.ledger.winners import Winner, earlier_forecast, last_chosen, winner_at
from flows.parts import Parts


def recipe_for(
    parts: Parts,
    series: SeriesId,
    slot: Slot,
    asked: Recipe,
    now: datetime,
    otherwise: ContestKind = ContestKind.FULL,
) -> tuple[Recipe, tuple[str, ...]]:
    """Add to what a person asked for what the ledger knows: the winners so far, and how the last intervals did.

    Args:
        parts: Where the ledger is.
        series: What is forecast.
        slot: Nothing made after a later bar than its as-of plays a part.
        asked: The run's recipe.
        now: Nothing that was put on record later plays a part.
        otherwise: The contest to hold where the winner on record is wanted and there is none.

    Returns:
        The recipe, and notes for the reader.
    """
    engine, as_of = open_ledger(parts.ledger, parts.origin), slot.as_of.label
    earlier, unread = _earlier(engine, series, as_of, asked.intervals)
    how = replace(asked, incumbent=last_chosen(engine, series, as_of), earlier=earlier)
    if asked.contest != ContestKind.RECORDED:
        return how, unread
    recorded, note = _recorded(winner_at(engine, series, as_of, now), series, otherwise)
    return replace(how, recorded=recorded, contest=asked.contest if recorded else otherwise), (*unread, note)


def _recorded(found: Winner | None, series: SeriesId, otherwise: ContestKind) -> tuple[str | None, str]:
    """Return the winner to use, or None, and a note about where it comes from or why there is none."""
    if found is None or found.model not in MODELS:
        what = (
            "no winner is on record" if found is None else f"the winner on record, {found.model}, is no model any more"
        )
        compared = "all models were" if otherwise == ContestKind.FULL else f"only the {otherwise} ones were"
        return None, (
            f"{what} for {series.interval} bars of {series.symbol} (`nextclose evaluate` makes one): {compared} compared"
        )
    return found.model, (
        f"{found.model} won the comparison of all models after the bar of {found.as_of}, on record since "
        f"{found.evaluated_at:%Y-%m-%d}"
    )


def _earlier(engine: Engine, series: SeriesId, as_of: str, method: str) -> tuple[Earlier | None, tuple[str, ...]]:
    """Return what the last intervals were like, and a note where that cannot be read."""
    try:
        return earlier_forecast(engine, series, as_of, method), ()
    except (AttributeError, TypeError, ValueError):
        return None, (
            "what the intervals had learned cannot be read from the ledger: they learn anew from the history",
        )
