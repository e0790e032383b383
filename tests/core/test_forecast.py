"""Tests of the forecast of one symbol's next close."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from flows.core.bars import BarSeries, Origin
from flows.core.calendars import calendar_of
from flows.core.errors import (
    FailureKind,
    FixConfiguration,
    ModelFailed,
    NextcloseError,
    QuotaSpent,
    RejectSymbol,
    StaleData,
    Throttled,
    TooLittleHistory,
)
from flows.core.forecast import Forecast, SymbolFailure, failure_of
from flows.core.models import CHEAP, MODELS, ON_REQUEST
from flows.core.predicting import RECENT, predict
from flows.core.recipe import ContestKind, Recipe
from tests.conftest import SYMBOLS, real_series
from tests.core.examples import NOW, PREDICTION, a_forecast, a_session

HISTORY = real_series("IBM", newest=40)
CHEAPLY = Recipe(contest=ContestKind.CHEAP)
"""For what does not hang on who takes part."""
SLOT = calendar_of("IBM").slot_after(date(2013, 3, 1))


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_real_bars_give_a_forecast_with_its_limits(symbol: str) -> None:
    """The forecast names its as-of and its target, and its limits stand around it."""
    history = real_series(symbol, newest=40)
    made = predict(history, SLOT, "0.1.0", CHEAPLY)
    assert (made.as_of, made.target.label) == ("2013-03-01", "2013-03-04")
    assert made.lower95 < made.lower80 < made.point < made.upper80 < made.upper95
    assert made.naive == history.closes[-1]
    assert made.change == pytest.approx(made.point / made.naive - 1)


def test_a_forecast_says_what_it_was_made_from() -> None:
    """Bars, their digest, the first of them, model and code version: enough to replay it."""
    history = real_series("IBM", newest=80)
    made = predict(history, SLOT, "0.1.0+abc", CHEAPLY)
    expected = ("IBM", Origin.SAMPLE, 80, history.bars[0].time, history.digest, "0.1.0+abc")
    assert expected == (made.symbol, made.origin, made.bars, made.first_bar, made.data_digest, made.code_version)
    assert [(bar.time, bar.close) for bar in history.bars[-RECENT:]] == list(made.recent)


def test_the_contest_chooses_the_model() -> None:
    """Without a choice of one's own the winner's forecast is the forecast."""
    made = predict(HISTORY, SLOT, "0.1.0")
    assert (made.contest.winner, "contest") == (made.model, made.chosen_by)
    assert {score.name for score in made.contest.scores} == set(MODELS) - set(ON_REQUEST)


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (CHEAPLY, set(CHEAP)),
        (Recipe(named=("drift",)), {"naive", "drift"}),
        (Recipe(contest=ContestKind.RECORDED, recorded="drift"), {"naive", "drift"}),
        (Recipe(model="theta", contest=ContestKind.CHEAP), {*CHEAP, "theta"}),
    ],
    ids=["cheap", "named", "recorded", "chosen besides"],
)
def test_the_recipe_says_who_is_compared(recipe: Recipe, expected: set[str]) -> None:
    """The models that were asked for, and always the baseline."""
    assert expected == {score.name for score in predict(HISTORY, SLOT, "0.1.0", recipe).contest.scores}


def test_the_winner_on_record_is_used_whoever_is_best_now() -> None:
    """Its forecast is given, and that it was the record's choice is said."""
    recipe = Recipe(contest=ContestKind.RECORDED, recorded="seasonal-naive")
    made = predict(HISTORY, SLOT, "0.1.0", recipe)
    assert (made.model, made.chosen_by, made.point) == ("seasonal-naive", "recorded", HISTORY.closes[-5])


@pytest.mark.parametrize("name", MODELS)
def test_a_person_may_choose_the_model(name: str) -> None:
    """The chosen model's forecast is given, and that a person chose it is said."""
    long_enough = real_series("IBM", newest=60)
    made = predict(long_enough, SLOT, "0.1.0", Recipe(model=name, named=(name,)))
    assert (name, "person") == (made.model, made.chosen_by)
    assert made.parameters == MODELS[name].parameters(long_enough.closes)


def test_a_choice_that_has_too_few_bars_is_a_failure_with_its_reason() -> None:
    """Nothing is shown under the name of a model that could not be compared."""
    with pytest.raises(ModelFailed, match=r"^IBM, forecast: xgboost: needs 30 bars"):
        predict(HISTORY, SLOT, "0.1.0", Recipe(model="xgboost", contest=ContestKind.CHEAP))


def test_an_unknown_model_is_refused() -> None:
    """The error names the models that there are."""
    with pytest.raises(FixConfiguration, match=rf"no model is called 'crystal'.*{', '.join(MODELS)}"):
        predict(HISTORY, SLOT, "0.1.0", Recipe(model="crystal"))


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2013-02-28", "data is 1 session old: the newest usable bar is 2013-02-28's"),
        ("2013-02-21", "data is 6 sessions old: the newest usable bar is 2013-02-21's"),
        ("", "there is no data: no bar can be used"),
    ],
)
def test_no_forecast_is_made_from_old_bars(until: str, words: str) -> None:
    """Without the as-of session's bar the data is stale, and the error says which bar is missing."""
    with pytest.raises(StaleData, match=rf"^IBM, forecast: {words}, but 2013-03-01 is the last completed session"):
        predict(HISTORY.until(until), SLOT, "0.1.0")


def test_bars_from_after_the_as_of_are_refused() -> None:
    """A history that reaches beyond the slot would be a leak."""
    with pytest.raises(StaleData, match="2013-03-01's, but 2013-02-28"):
        predict(HISTORY, calendar_of("IBM").slot_after(date(2013, 2, 28)), "0.1.0")


def test_too_few_bars_are_refused() -> None:
    """Twenty-nine bars are one too few."""
    with pytest.raises(TooLittleHistory, match="IBM, forecast: 29 bars can be used, at least 30"):
        predict(real_series("IBM", newest=29), SLOT, "0.1.0")


def test_the_same_bars_give_the_same_prediction() -> None:
    """A forecast can be replayed."""
    assert predict(HISTORY, SLOT, "0.1.0") == predict(HISTORY, SLOT, "0.1.0")


def test_constant_prices_are_forecast_to_stay() -> None:
    """A price that never moved gives a forecast without width, not a crash."""
    bars = real_series("IBM", newest=60).bars
    flat = BarSeries(*HISTORY.id[1:], Origin.SAMPLE, tuple(bar._replace(close=10.0) for bar in bars))
    made = predict(flat, SLOT, "0.1.0")
    assert (made.model, made.lower95, made.point, made.upper95) == ("naive", 10.0, 10.0, 10.0)


def test_the_same_forecast_has_the_same_id_whenever_it_is_made() -> None:
    """The id is over what was forecast, not over when or by which run."""
    again = a_forecast(issued_at=datetime(2026, 11, 23, 16, tzinfo=UTC), run_id="run-2")
    assert a_forecast().forecast_id == again.forecast_id


@pytest.mark.parametrize(
    "facts",
    [
        *({name: 1.5} for name in ("point", "lower80", "upper80", "lower95", "upper95", "naive")),
        {"symbol": "MSFT"},
        {"origin": Origin.SAMPLE},
        {"as_of": "2026-11-19"},
        {"target": a_session("2026-11-24")},
        {"model": "drift"},
        {"chosen_by": "person"},
        {"data_digest": "1" * 64},
        {"code_version": "0.1.1"},
        {"backfill": True},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_another_forecast_has_another_id(facts: dict[str, Any]) -> None:
    """Whatever tells two forecasts apart changes the id."""
    assert a_forecast().forecast_id != a_forecast(**facts).forecast_id


def test_an_id_is_a_sha_256_in_hexadecimal() -> None:
    """Sixty-four digits."""
    assert len(bytes.fromhex(Forecast(replace(PREDICTION), NOW, "run-1", backfill=False).forecast_id)) == 32


@pytest.mark.parametrize(
    ("error", "kind"), [(Throttled, "retry"), (QuotaSpent, "quota"), (StaleData, "data"), (RejectSymbol, "symbol")]
)
def test_an_error_of_ours_becomes_a_failure_with_its_kind(error: type[NextcloseError], kind: FailureKind) -> None:
    """The reason is the error's own sentence."""
    expected = SymbolFailure("IBM", "fetch", kind, "IBM, fetch: so it is", "2026-11-20", error.__name__)
    assert expected == failure_of("IBM", "fetch", error("IBM, fetch: so it is"), "2026-11-20")


def test_an_unexpected_error_becomes_a_failure_with_its_type() -> None:
    """An error that is not ours is named, and a report of it asked for."""
    expected = "IBM, clean: unexpected ZeroDivisionError: by nothing. Please report this"
    failure = failure_of("IBM", "clean", ZeroDivisionError("by nothing"), "")
    assert SymbolFailure("IBM", "clean", "data", expected, "", "ZeroDivisionError") == failure


@pytest.mark.parametrize(
    "error", [OSError, ValueError, lambda text: ConnectionError(1, text)], ids=["OSError", "ValueError", "nested"]
)
def test_a_secret_in_an_unexpected_error_is_masked(error: Callable[[str], Exception]) -> None:
    """A library's error may hold the URL that it asked, key included."""
    url = "https://me:planted-password@example.test/query?symbol=IBM&apikey=planted-key-0123456789"
    assert "planted" not in failure_of("IBM", "fetch", error(url), "2026-11-20").reason
