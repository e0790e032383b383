"""Tests of the contest: its origins, its scores, and what becomes of models that misbehave."""

import math
from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core import backtest
from flows.core.backtest import MINIMUM_HISTORY, hold_contest
from flows.core.bars import Floats
from flows.core.errors import TooLittleHistory
from flows.core.models import CHEAP, MODELS, Combination, Model
from flows.core.models.naive import Drift, Naive
from tests.conftest import real_series
from tests.core.planted import Peek, Planted, broken, last, mean_of_two
from tests.core.recount import Recount

HISTORY = real_series("IBM", newest=100)
MEMBERS = tuple(MODELS[name] for name in (*CHEAP[1:], "ets", "theta"))
QUICK = [Naive(), *MEMBERS, Combination(MEMBERS)]
"""A combination among them, whose forecasts need its members' from before the first origin."""
LONG = (pytest.mark.torture, pytest.mark.timeout(1_200))


@pytest.mark.parametrize(("count", "origins"), [(30, 20), (31, 20), (200, 20), (201, 21), (565, 57), (1000, 100)])
def test_the_last_tenth_is_compared_and_at_least_twenty(count: int, origins: int) -> None:
    """The origins are the last ones of the history, without a gap."""
    assert list(range(count - origins, count)) == backtest.contest_origins(count, "IBM").tolist()


@given(st.integers(MINIMUM_HISTORY, 20_000))
def test_every_origin_leaves_bars_to_learn_from_and_one_to_be_scored_by(count: int) -> None:
    """Ten bars stand before the first origin, and a known close at each."""
    origins = backtest.contest_origins(count, "IBM")
    assert origins.min() >= 10
    assert origins.max() == count - 1
    assert len(origins) >= max(20, count / 10)


@given(st.integers(0, MINIMUM_HISTORY - 1))
def test_too_little_history_is_told_in_numbers(count: int) -> None:
    """The error names the symbol, the bars that there are, and the bars that are needed."""
    with pytest.raises(TooLittleHistory, match=rf"^IBM, forecast: {count} bars? can be used, at least 30 are needed"):
        backtest.contest_origins(count, "IBM")


@pytest.mark.parametrize(
    ("models", "symbol", "bars"),
    [
        (QUICK, "GOOG", 50),
        (QUICK, "IBM", 70),
        pytest.param([*MODELS.values()], "IBM", 50, marks=LONG),
        pytest.param([*MODELS.values()], "MSFT", 300, marks=LONG),
    ],
    ids=["quick ones, GOOG", "quick ones, IBM", "all, IBM", "all, MSFT"],
)
def test_the_scores_are_those_of_a_slow_recount(models: list[Model], symbol: str, bars: int) -> None:
    """Each model's errors, recounted one origin at a time from nothing but the bars before it."""
    history = real_series(symbol, newest=bars)
    contest, _ = hold_contest(history, models)
    recount = Recount(history.closes)
    for model in models:
        errors = [recount.forecast(model, n) - history.bars[n].close for n in range(bars - contest.origins, bars)]
        score = contest.score(model.name)
        assert fmean(error**2 for error in errors) == pytest.approx(score.mse, rel=1e-6)
        assert fmean(map(abs, errors)) == pytest.approx(score.mae, rel=1e-6)


def test_skill_is_the_share_of_the_naive_error_that_is_saved() -> None:
    """The baseline's own skill is nothing, a perfect model's is one."""
    contest, _ = hold_contest(HISTORY, [Naive(), Drift(), Peek()])
    naive, drift, peek = (contest.score(name) for name in ("naive", "drift", "peek"))
    assert naive.mse is not None
    assert drift.mse is not None
    assert (naive.skill, peek.skill) == (0.0, 1.0)
    assert 1 - drift.mse / naive.mse == pytest.approx(drift.skill)


def test_a_peeking_model_would_win_by_a_wonder() -> None:
    """What the leak test keeps out of MODELS would be scored as without error."""
    contest, _ = hold_contest(HISTORY, [Naive(), Drift(), Peek()])
    assert (contest.winner, contest.score("peek").mse) == ("peek", 0.0)


def test_a_contest_names_its_targets() -> None:
    """The first and the last close that was forecast stand beside the scores."""
    contest, _ = hold_contest(HISTORY, [Naive()])
    expected = (20, HISTORY.bars[-20].time, HISTORY.bars[-1].time)
    assert expected == (contest.origins, contest.first_target, contest.last_target)


def test_the_best_stands_first_and_the_failed_last() -> None:
    """Scores are in the order of the squared error."""
    contest, _ = hold_contest(HISTORY, [Planted("broken", broken), Planted("mean", mean_of_two), Drift(), Naive()])
    errors = [score.mse for score in contest.scores[:-1] if score.mse is not None]
    assert sorted(errors) == errors
    assert (contest.scores[-1].name, len(errors)) == ("broken", 3)


@pytest.mark.parametrize("names", [("naive", "twin"), ("twin", "naive")], ids=" before ".join)
def test_of_equals_the_first_wins(names: tuple[str, str]) -> None:
    """Two models with the same forecasts are ranked as they were given."""
    models: dict[str, Model] = {"naive": Naive(), "twin": Planted("twin", last)}
    contest, _ = hold_contest(HISTORY, [models[name] for name in names])
    assert names == tuple(score.name for score in contest.scores)


def test_a_failed_model_keeps_its_name_and_its_reason() -> None:
    """The others are compared all the same; nothing is shown under the failed one's name."""
    contest, walks = hold_contest(HISTORY, [Naive(), Planted("broken", broken)])
    found = contest.score("broken")
    assert (found.mse, found.mae, found.skill) == (None, None, None)
    assert (found.failed, {"naive"}) == ("broken: 80 closes are one too many", set(walks))


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, 0.0, -5.0])
@pytest.mark.parametrize("at", [85, 100], ids=["at an origin", "for the next close"])
def test_a_forecast_that_is_no_price_is_a_failure(nonsense: float, at: int) -> None:
    """One such forecast anywhere, and the model takes no part."""

    def rule(closes: Floats) -> float:
        return nonsense if len(closes) == at else last(closes)

    contest, walks = hold_contest(HISTORY, [Naive(), Planted("odd", rule)])
    assert (contest.score("odd").failed, set(walks)) == ("odd: gave a forecast that is no price", {"naive"})


def test_the_walk_holds_the_forecast_of_the_close_to_come() -> None:
    """Beside the forecasts that are scored stands the one that cannot be scored yet."""
    _, walks = hold_contest(HISTORY, [Naive(), Planted("mean", mean_of_two)])
    closes = HISTORY.closes
    assert closes[-21:-1].tolist() == walks["naive"].forecasts.tolist()
    assert (closes[-2:].mean(), closes[-1]) == (walks["mean"].next_close, walks["naive"].next_close)


def test_constant_prices_leave_no_skill_to_measure() -> None:
    """Where the baseline makes no error, skill has no meaning and is left open."""
    flat = replace(HISTORY, bars=tuple(bar._replace(close=10.0) for bar in HISTORY.bars))
    contest, _ = hold_contest(flat, [Naive(), Drift()])
    assert [(s.name, s.mse, s.skill) for s in contest.scores] == [("naive", 0.0, None), ("drift", 0.0, None)]


def test_a_model_is_never_asked_before_it_has_the_bars_that_it_needs() -> None:
    """A model that needs more bars than the first origin leaves is not walked from there."""
    asked: list[int] = []

    def rule(closes: Floats) -> float:
        asked.append(len(closes))
        return last(closes)

    hold_contest(real_series("IBM", newest=30), [Naive(), Planted("hungry", rule, minimum_bars=25)])
    assert [count for count in asked if count < 25] == []
