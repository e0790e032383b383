"""Which model does best over a whole watchlist: one comparison a symbol, and what they say together."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from statistics import fmean

from flows.core.backtest import Contest, ModelScore
from flows.core.bars import Interval, Origin, SeriesId
from flows.core.forecast import SymbolFailure
from flows.core.models import BASELINE, MODELS
from flows.core.report import contest_facts, failure_facts, score_facts


@dataclass(frozen=True, slots=True)
class Held:
    """One symbol's comparison of models."""

    series: SeriesId
    as_of: str
    """The newest bar that it was held with."""
    contest: Contest
    recorded: bool = False
    """Its winner is on record, for forecasts that take the recorded one."""
    notes: tuple[str, ...] = ()

    @property
    def symbol(self) -> str:
        """The symbol whose closes were forecast."""
        return self.series.symbol


@dataclass(frozen=True, slots=True)
class Standing:
    """How one model did over all symbols on which it took part."""

    name: str
    symbols: int
    """On how many it took part."""
    failed: int
    """On how many it could not."""
    relative_mse: float | None
    """The geometric mean of its MSE divided by naive's: 0.5 on one symbol and 2 on another make 1."""
    mase: float | None
    """The mean."""
    skill: float | None
    """The mean."""
    wins: int
    better: int
    """On how many symbols it is better than naive beyond chance."""


@dataclass(frozen=True)
class Evaluation:
    """The comparisons of a watchlist, the failures, and what they say together."""

    interval: Interval
    symbols: tuple[str, ...]
    """In the order in which they were asked for."""
    held: tuple[Held, ...] = ()
    failures: tuple[SymbolFailure, ...] = ()
    named: tuple[str, ...] = ()
    """The models that a person named; empty where all were compared, and the winners recorded."""
    notes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """What the run used, one line a part."""
    run_id: str = ""
    now: datetime | None = None

    @property
    def is_sample(self) -> bool:
        """Whether any of it is about sample prices."""
        return any(held.series.origin is Origin.SAMPLE for held in self.held)

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """Every model that was to take part anywhere, the lowest MSE relative to naive's first."""
        named = {score.name for held in self.held for score in held.contest.scores}
        found = [_standing(name, [held.contest for held in self.held]) for name in MODELS if name in named]
        return tuple(sorted(found, key=_place))

    @property
    def verdict(self) -> str:
        """Say whether any model is better than naive beyond chance, and where."""
        if not self.held:
            return "no symbol could be compared"
        better = sorted((one for one in self.standings if one.better), key=lambda one: -one.better)
        if not better:
            return f"no model is better than {BASELINE} beyond chance on {self._any_symbol}"
        if len(self.held) == 1:
            return (
                f"better than {BASELINE} beyond chance on {self._any_symbol}: {', '.join(one.name for one in better)}"
            )
        counts = ", ".join(f"{one.name} on {one.better}" for one in better)
        return (
            f"better than {BASELINE} beyond chance, of {len(self.held)} symbols: {counts} (where no model is better, chance "
            "makes one look so on up to 1 symbol in 20)"
        )

    @property
    def _any_symbol(self) -> str:
        return self.held[0].symbol if len(self.held) == 1 else f"any of the {len(self.held)} symbols"


def relative_mse(contest: Contest, score: ModelScore) -> float | None:
    """Return a model's MSE divided by naive's, or None where it took no part or naive made no error."""
    naive = contest.score(BASELINE).mse
    return score.mse / naive if score.mse is not None and naive else None


def _standing(name: str, contests: Sequence[Contest]) -> Standing:
    met = [(contest, score) for contest in contests for score in contest.scores if score.name == name]
    took_part = [(contest, score) for contest, score in met if score.failed is None]
    relative = _geometric_mean(relative_mse(contest, score) for contest, score in took_part)
    return Standing(
        name,
        len(took_part),
        len(met) - len(took_part),
        relative,
        _mean(score.mase for _, score in took_part),
        None if relative is None else 1 - relative,
        sum(contest.winner == name for contest in contests if contest.score(BASELINE).mse),
        sum(name in contest.better for contest in contests),
    )


def _place(standing: Standing) -> float:
    return math.inf if standing.relative_mse is None else standing.relative_mse


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _geometric_mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if not known or 0 in known:
        return 0.0 if known else None
    return math.exp(fmean(map(math.log, known)))


def evaluation_facts(made: Evaluation) -> dict[str, object]:
    """Return an evaluation as the object that ``nextclose evaluate --json`` prints."""
    by_symbol = {held.symbol: _held_facts(held) for held in made.held}
    by_symbol |= {failure.symbol: failure_facts(failure) for failure in made.failures}
    return {
        "interval": str(made.interval),
        "symbols": [by_symbol[symbol] for symbol in made.symbols],
        "models": [asdict(standing) for standing in made.standings],
        "verdict": made.verdict,
    }


def _held_facts(held: Held) -> dict[str, object]:
    return {
        "symbol": held.symbol,
        "interval": str(held.series.interval),
        "origin": str(held.series.origin),
        "as_of": held.as_of,
        "winner": held.contest.winner,
        "recorded": held.recorded,
        "models": [score_facts(score) for score in held.contest.scores],
        "contest": contest_facts(held.contest),
        "notes": list(held.notes),
    }
