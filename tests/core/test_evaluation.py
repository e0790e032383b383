"""Tests of what the comparisons of a watchlist say together."""

import json
import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.evaluation import Evaluation, Standing, evaluation_facts
from tests.core.evaluations import FAILED, a_contest, an_evaluation

RATIOS = st.lists(
    st.fixed_dictionaries({"drift": st.floats(0.5, 2), "arima": st.none() | st.floats(0.5, 2)}), min_size=1
)


def standing(made: Evaluation, name: str) -> Standing:
    """Return one model's standing."""
    return next(one for one in made.standings if one.name == name)


def evaluation(*contests: Mapping[str, float | None], better: tuple[str, ...] = ()) -> Evaluation:
    """Return the evaluation of so many symbols; on the first of them, `better` are better than naive."""
    made = [a_contest(ratios, better if number == 0 else ()) for number, ratios in enumerate(contests)]
    return an_evaluation({f"S{number}": contest for number, contest in enumerate(made)})


def test_half_on_one_symbol_and_twice_on_another_is_even() -> None:
    """Ratios are averaged so that neither the model nor naive is favoured, and skill is what the average ratio saves."""
    drift = standing(evaluation({"drift": 0.5}, {"drift": 2.0}), "drift")
    assert drift == Standing("drift", 2, 0, pytest.approx(1.0), 1.25, pytest.approx(0.0), 1, 0)  # type: ignore[arg-type]


@given(RATIOS)
def test_means_are_those_of_a_slow_reckoning(ratios: list[dict[str, float | None]]) -> None:
    """The geometric mean is the n-th root of the product, over the symbols on which the model took part."""
    known = [one["arima"] for one in ratios if one["arima"] is not None]
    arima = standing(evaluation(*ratios), "arima")
    assert (arima.symbols, arima.failed) == (len(known), len(ratios) - len(known))
    if known:
        assert arima.relative_mse == pytest.approx(math.prod(known) ** (1 / len(known)))
        assert arima.mase == pytest.approx(sum(known) / len(known))


@given(RATIOS)
def test_every_symbol_has_one_winner_and_naive_is_the_measure(ratios: list[dict[str, float | None]]) -> None:
    """Wins add up to the number of symbols; naive's ratio is 1; the order is that of the ratios."""
    made = evaluation(*ratios)
    assert sum(one.wins for one in made.standings) == len(ratios)
    assert standing(made, "naive").relative_mse == pytest.approx(1)
    found = [one.relative_mse for one in made.standings if one.relative_mse is not None]
    assert found == sorted(found)


def test_a_model_that_failed_everywhere_stands_last_without_figures() -> None:
    """It is named, and has no numbers."""
    made = evaluation({"arima": None, "drift": 1.5})
    assert made.standings[-1] == Standing("arima", 0, 1, None, None, None, 0, 0)


def test_where_naive_never_errs_there_is_no_ratio() -> None:
    """Constant prices are no division by zero."""
    made = an_evaluation({"FLAT": a_contest({"drift": 1.0}, naive=0.0)})
    assert [one.relative_mse for one in made.standings] == [None, None]


def test_a_model_that_never_errs_has_the_ratio_zero() -> None:
    """Its geometric mean is zero, whatever it did elsewhere."""
    assert standing(evaluation({"drift": 0.0}, {"drift": 3.0}), "drift").relative_mse == 0


def test_the_winner_of_last_time_keeps_its_place() -> None:
    """Wins count who is put on record, not who is ahead by noise."""
    made = an_evaluation({"IBM": a_contest({"drift": 0.995}, incumbent="naive")})
    assert (standing(made, "drift").wins, standing(made, "naive").wins) == (0, 1)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (an_evaluation({}, FAILED), "no symbol could be compared"),
        (evaluation({"drift": 0.9}), "no model is better than naive beyond chance on S0"),
        (
            evaluation(*({"drift": 0.9} for _ in range(5))),
            "no model is better than naive beyond chance on any of the 5 symbols",
        ),
        (evaluation({"drift": 0.5}, better=("drift",)), "better than naive beyond chance on S0: drift"),
        (
            evaluation({"drift": 0.5}, {"drift": 1.0}, better=("drift",)),
            (
                "better than naive beyond chance, of 2 symbols: drift on 1 (where no model is better, chance makes one look "
                "so on up to 1 symbol in 20)"
            ),
        ),
    ],
)
def test_the_verdict_says_whether_any_model_beats_naive(made: Evaluation, expected: str) -> None:
    """One sentence over all symbols, which does not forget chance."""
    assert made.verdict == expected


def test_the_facts_keep_the_order_and_are_strict_json() -> None:
    """Programs find each symbol where it was asked for, as its comparison or its failure."""
    made = an_evaluation({"IBM": a_contest({"drift": 0.9, "arima": None})}, FAILED, notes=("1 bar missing",))
    facts = json.loads(json.dumps(evaluation_facts(made), allow_nan=False))
    held, failed = facts["symbols"]
    assert (held["symbol"], held["winner"], held["recorded"], held["as_of"]) == ("IBM", "drift", True, "2026-11-20")
    assert (held["models"][2]["failed"], held["notes"]) == ("arima: no maximum was found", ["1 bar missing"])
    assert held["contest"]["origins"] == 20
    assert failed == {"symbol": "XXXX", "failed": {"step": "fetch", "kind": "symbol", "reason": FAILED.reason}}
    assert [one["name"] for one in facts["models"]] == ["drift", "naive", "arima"]
    assert facts["verdict"] == "no model is better than naive beyond chance on IBM"
