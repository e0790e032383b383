"""A comparison of models in words."""

from dataclasses import dataclass

from flows.core.backtest import Contest, ModelScore
from flows.core.forecast import Prediction
from flows.core.models import BASELINE
from flows.publishers.clocks import time_in_words

VISIBLE = 0.0005
"""A skill below this is printed as 0.0 %."""
MODEL_WORDS = (
    (
        "Models: naive repeats the last close, seasonal-naive the one a season before; drift adds the average change so far; "
        "arima is ARIMA(1,1,0) unless another order is named, auto-arima one of the order that fits best."
    ),
    (
        "ets and theta are exponential smoothing; random-forest and xgboost are trees on the last five returns; combination weighs "
        "drift, arima, auto-arima, ets and theta by how well they did over the last 20 closes."
    ),
)


@dataclass(frozen=True, slots=True)
class Table:
    """Column heads and rows of text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def models_table(contest: Contest, used: str) -> Table:
    """Return the comparison of models, best first; failures are told below it."""
    rows = tuple(_model_row(score, score.name == used) for score in contest.scores if score.failed is None)
    return Table(("Model", "MSE", "MAE", "MASE", "Skill", "Direction"), rows)


def _model_row(score: ModelScore, chosen: bool) -> tuple[str, ...]:
    name = f"{score.name} (used)" if chosen else score.name
    direction = "n/a" if score.direction is None else f"{score.direction:.0%}"
    mase = "n/a" if score.mase is None else f"{score.mase:.3f}"
    return (name, number(score.mse), number(score.mae), mase, percent(score.skill), direction)


def verdict(p: Prediction) -> tuple[str, ...]:
    """Say what a comparison means: on which closes, whether anything beats naive, and who did not take part."""
    c = p.contest
    span = f"{c.origins} closes from {time_in_words(c.first_target, p)} to {time_in_words(c.last_target, p)}"
    failed = tuple(f"Did not take part: {score.failed}." for score in c.scores if score.failed is not None)
    return (
        f"Each model forecast the same {span}, from earlier bars only. {_up_days(c)}",
        verdict_in_words(c),
        *_coverage(p),
        _refits(c),
        *failed,
    )


def _up_days(c: Contest) -> str:
    return "" if c.up_days is None else f"{c.up_days:.0%} of them rose."


def verdict_in_words(c: Contest) -> str:
    """Say whether any model is distinguishable from naive."""
    best = c.scores[0]
    if c.better:
        return f"Better than naive beyond chance: {', '.join(c.better)}."
    if best.name == BASELINE or best.skill is None or best.skill < VISIBLE:
        return "No better than naive: no model had an MSE visibly lower than that of repeating the last close."
    return f"No better than naive beyond chance: {best.name} came first, with an MSE {best.skill:.1%} lower, which luck may explain."


def _coverage(p: Prediction) -> tuple[str, ...]:
    c = p.contest
    if c.coverage80 is None or c.coverage95 is None:
        return ()
    return (
        (
            f"Around {p.model}'s forecasts, the 80 % intervals would have held {c.coverage80:.0%} of these closes, the 95 % ones "
            f"{c.coverage95:.0%} (method {p.intervals})."
        ),
    )


def _refits(c: Contest) -> str:
    by_policy: dict[str, list[str]] = {}
    for score in c.scores:
        if score.failed is None and score.refit:
            by_policy.setdefault(score.refit, []).append(score.name)
    told = "; ".join(f"{', '.join(names)}: {policy}" for policy, names in by_policy.items())
    return f"Refitted: {told}." if told else ""


def number(value: float | None) -> str:
    """Return four significant digits."""
    return "n/a" if value is None else f"{value:#.4g}"


def percent(value: float | None) -> str:
    """Return a signed percentage."""
    return "n/a" if value is None else f"{value:+z.1%}"
