"""Evaluations for tests, made from ratios."""

from collections.abc import Mapping, Sequence

from flows.core.backtest import Contest, ModelScore
from flows.core.bars import Interval, Origin, SeriesId
from flows.core.evaluation import Evaluation, Held
from flows.core.forecast import SymbolFailure

AS_OF = "2026-11-20"
FAILED = SymbolFailure("XXXX", "fetch", "symbol", "XXXX, fetch: nobody knows this symbol", AS_OF, "RejectSymbol")


def a_contest(
    ratios: Mapping[str, float | None], better: Sequence[str] = (), naive: float = 4.0, incumbent: str | None = None
) -> Contest:
    """Return a contest whose models have these MSEs in units of naive's; None is a model that failed."""
    scores = [ModelScore("naive", naive, 1.5, 0.0 if naive else None, mase=1.0)]
    for name, ratio in ratios.items():
        if ratio is None:
            scores.append(ModelScore(name, failed=f"{name}: no maximum was found"))
        else:
            skill = 1 - ratio if naive else None
            scores.append(ModelScore(name, naive * ratio, 1.5 * ratio, skill, mase=ratio, p_value=0.5))
    scores.sort(key=lambda score: float("inf") if score.mse is None else score.mse)
    return Contest(tuple(scores), 20, "2026-10-23", AS_OF, 0.5, tuple(better), incumbent)


def an_evaluation(
    contests: Mapping[str, Contest],
    *failures: SymbolFailure,
    named: tuple[str, ...] = (),
    origin: Origin = Origin.LIVE,
    notes: tuple[str, ...] = (),
) -> Evaluation:
    """Return an evaluation of these contests by symbol, then of the failures."""
    held = tuple(
        Held(SeriesId(origin, symbol, Interval.DAILY), AS_OF, contest, not named, notes)
        for symbol, contest in contests.items()
    )
    symbols = (*contests, *(failure.symbol for failure in failures))
    return Evaluation(Interval.DAILY, symbols, held, failures, named, run_id="run-1")
