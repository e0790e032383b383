"""Comparing the models on the bars in the ledger, and keeping who won."""

import logging
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from flows.core.backtest import Contest, hold_contest
from flows.core.bars import BarSeries, SeriesId
from flows.core.cleaning import Cleaned
from flows.core.errors import TooLittleHistory
from flows.core.evaluation import Evaluation, Held
from flows.core.limits import limits_for, measured
from flows.core.predicting import require_fresh
from flows.core.recipe import Recipe
from flows.core.request import Asked
from flows.ledger.store import open_ledger
from flows.ledger.winners import keep_winner, winner_before
from flows.parts import Parts
from flows.publishers.evaluation_artifact import publish_evaluation
from flows.steps.forecasting import history_at, tell_model, usable_history
from flows.steps.run import Run
from flows.version import code_version

_log = logging.getLogger("nextclose")


class Comparable(NamedTuple):
    """What models are compared on."""

    history: BarSeries
    as_of: str
    """The bar that it has to reach."""
    notes: tuple[str, ...]


def comparable(parts: Parts, one: Asked, cleaned: Cleaned | None, now: datetime, why: str) -> Comparable:
    """Return the bars that models are compared on, and notes about them.

    Args:
        parts: Where the ledger is.
        one: The symbol, and the bar that is due.
        cleaned: What the source gave just now; None where it was not asked, and what the ledger holds has to do.
        now: Nothing that was known later plays a part.
        why: Why a jump that looks like a split may be left unexplained.

    Raises:
        RejectData: The answer was too bad to compare on, the ledger holds nothing, or a jump is not explained.
    """
    if cleaned is None:
        return _as_held(parts, one, now)
    history, notes = usable_history(parts, cleaned, one.slot, now, why)
    return Comparable(history, one.slot.as_of.label, (*cleaned.notes, *notes))


def _as_held(parts: Parts, one: Asked, now: datetime) -> Comparable:
    found = history_at(open_ledger(parts.ledger, parts.origin), one.series, one.slot, now)
    newest, due = found.used.last_time, one.slot.as_of.label
    if newest is None:
        raise TooLittleHistory(
            f"{one.series.symbol}, clean: the ledger holds no {one.series.interval} bar that can be used, and the source was "
            "not asked. Let the run fetch, or import bars"
        )
    late = f"the newest bar in the ledger is {newest}'s, for the source was not asked; {due}'s is missing"
    return Comparable(found.used, newest, (*found.notes, *found.split_notes, *(() if newest == due else (late,))))


def evaluation_recipe(parts: Parts, series: SeriesId, as_of: str, asked: Recipe) -> Recipe:
    """Add the winner on record from before this bar, which noise shall not replace; a choice of models has none."""
    if asked.named:
        return asked
    before = winner_before(open_ledger(parts.ledger, parts.origin), series, as_of)
    return replace(asked, incumbent=None if before is None else before.model)


def evaluate(history: BarSeries, as_of: str, recipe: Recipe) -> Contest:
    """Compare the models.

    Raises:
        StaleData: The newest bar is not the one of `as_of`.
        TooLittleHistory: There are too few bars.
    """
    require_fresh(history, as_of)
    models = recipe.contestants(history.interval)
    contest, walks = hold_contest(history, models, recipe.incumbent, partial(tell_model, history.symbol))
    _log.info("%s: %s wins among %d models", history.symbol, contest.winner, len(models))
    return measured(contest, limits_for(history, walks[contest.winner], recipe.intervals))


def keep(parts: Parts, run: Run, held: Held) -> Held:
    """Put a winner on record."""
    engine = open_ledger(parts.ledger, parts.origin)
    keep_winner(engine, held.series, held.as_of, held.contest, run.issued_at, code_version(), run.run_id)
    return replace(held, recorded=True)


def show(made: Evaluation) -> None:
    """Write the artifact."""
    publish_evaluation(made)
    _log.info("%s", made.verdict)
