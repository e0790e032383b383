"""Tests of the scores against textbooks, other libraries and slow recounts."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_1samp
from statsmodels.stats.multitest import multipletests

from flows.core.bars import Floats
from flows.core.scoring import CHANCE, ModelScore, beyond_chance, p_values, scores

seeds = st.integers(0, 10_000)
chances = st.lists(st.one_of(st.floats(0, 1), st.floats(0, 0.02)), min_size=1, max_size=12)


def gains(seed: int, models: int = 4, count: int = 25) -> Floats:
    """Return gains of several models, some of them good."""
    chance = np.random.default_rng(seed)
    return chance.standard_t(4, size=(models, count)) + chance.normal(scale=0.5, size=(models, 1))


@given(seeds, st.integers(2, 300))
def test_the_p_values_are_those_of_scipys_t_test(seed: int, count: int) -> None:
    """For one step the corrected test is the one-sided t test of the gains' mean."""
    sample = gains(seed, count=count)
    expected = ttest_1samp(sample, 0.0, axis=1, alternative="greater").pvalue
    np.testing.assert_allclose(p_values(sample), expected, rtol=1e-9, atol=0)


@given(seeds)
def test_the_p_values_are_those_of_the_textbook(seed: int) -> None:
    """Diebold and Mariano's statistic times Harvey, Leybourne and Newbold's factor, looked up in Student's t."""
    row, count, steps = gains(seed)[0], 25, 1
    mean = fmean(row)
    variance = fmean((one - mean) ** 2 for one in row)
    statistic = mean / sqrt(variance / count)
    corrected = statistic * sqrt((count + 1 - 2 * steps + steps * (steps - 1) / count) / count)
    assert p_values(row[None])[0] == pytest.approx(student.sf(corrected, count - 1), rel=1e-9)


@given(seeds, st.sampled_from([1e-12, 1e-3, 1e3, 1e12]))
def test_a_p_value_knows_no_unit(seed: int, factor: float) -> None:
    """Squared errors in cents or in thousands make the same chances."""
    np.testing.assert_allclose(p_values(gains(seed) * factor), p_values(gains(seed)), rtol=1e-9, atol=0)


def test_where_nothing_differs_there_is_nothing_to_find() -> None:
    """A model that repeats the baseline has the p-value 1."""
    assert p_values(np.zeros((2, 20))).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("gain", "p_value"), [(0.5, 0.0), (0.0, 1.0), (-0.5, 1.0)])
def test_a_gain_that_is_the_same_at_every_origin_is_beyond_chance(gain: float, p_value: float) -> None:
    """Where the gain never varies its sign alone decides."""
    assert p_values(np.full((1, 20), gain)).tolist() == [p_value]


def beaten(found: Sequence[float]) -> list[bool]:
    """Return which of models with these p-values are found to be better."""
    models = [ModelScore(f"model {place:02d}", p_value=p) for place, p in enumerate(found)]
    better = beyond_chance([ModelScore("naive"), *models])
    return [model.name in better for model in models]


@given(chances)
def test_who_is_better_is_decided_as_in_holms_paper(found: list[float]) -> None:
    """A model is better if it, and every likelier one, passes the test at the level divided by those not yet passed."""
    ordered = sorted(found)
    passed = [p <= CHANCE / (len(found) - place) for place, p in enumerate(ordered)]
    last = passed.index(False) if False in passed else len(passed)
    expected = sorted(found)[:last]
    assert [p for p, is_better in sorted(zip(found, beaten(found), strict=True)) if is_better] == expected


@pytest.mark.parametrize("seed", range(6))
def test_who_is_better_is_decided_as_by_statsmodels(seed: int) -> None:
    """The same models are found as by its step-down procedure."""
    found = np.random.default_rng(seed).beta(0.3, 6, size=12)
    assert multipletests(found, CHANCE, method="holm")[0].tolist() == beaten(found.tolist())


def test_a_model_that_failed_does_not_count_among_those_tested() -> None:
    """Only who was compared makes it harder for the others."""
    assert beyond_chance([ModelScore("good", p_value=0.04), ModelScore("broken", failed="broken: so it is")]) == (
        "good",
    )
    assert beyond_chance([ModelScore("good", p_value=0.04), ModelScore("other", p_value=0.5)]) == ()


def test_no_model_no_finding() -> None:
    """Where the baseline stands alone nothing is better than it."""
    assert beyond_chance([ModelScore("naive")]) == ()


def walks(seed: int) -> tuple[dict[str, Floats], Floats, Floats, Floats]:
    """Return made forecasts of rounded prices, the actuals, the closes before them, and the training closes."""
    closes = np.round(50 + np.cumsum(np.random.default_rng(seed).normal(size=60)), 1)
    before, actuals = closes[29:-1], closes[30:]
    guesses = np.round(before + np.random.default_rng([seed, 1]).normal(size=30), 1)
    return {"naive": before, "guess": guesses, "seer": actuals.copy()}, actuals, before, closes[:30]


@given(seeds)
def test_the_scores_are_those_of_a_slow_recount(seed: int) -> None:
    """Squared and absolute errors, skill and MASE, added up one close at a time."""
    table, actuals, before, training = walks(seed)
    unit = fmean(abs(b - a) for a, b in pairwise(training))
    naive = fmean((f - a) ** 2 for f, a in zip(before, actuals, strict=True))
    for score in scores(table, actuals, before, training, "naive"):
        errors = [f - a for f, a in zip(table[score.name], actuals, strict=True)]
        assert score.mse == pytest.approx(fmean(e * e for e in errors))
        assert score.mae == pytest.approx(fmean(map(abs, errors)))
        assert score.mase == pytest.approx(fmean(map(abs, errors)) / unit)
        assert score.skill == pytest.approx(1 - fmean(e * e for e in errors) / naive)


@given(seeds)
def test_directions_are_counted_where_a_move_was_forecast_and_came(seed: int) -> None:
    """The share of right signs, added up one close at a time."""
    table, actuals, before, training = walks(seed)
    for score in scores(table, actuals, before, training, "naive"):
        moves = [(f - b, a - b) for f, a, b in zip(table[score.name], actuals, before, strict=True)]
        told = [(said > 0) == (came > 0) for said, came in moves if said and came]
        assert score.direction == (fmean(told) if told else None)


@given(seeds)
def test_rounding_neither_wins_nor_tells_a_direction(seed: int) -> None:
    """A model that differs from naive in the last bits alone is scored as naive is."""
    _, actuals, before, training = walks(seed)
    table = {"naive": before, "bits above": before * (1 + 4e-16), "bits below": before * (1 - 4e-16)}
    naive, *twins = scores(table, actuals, before, training, "naive")
    for twin in twins:
        assert (twin.mse, twin.mae, twin.skill, twin.mase) == (naive.mse, naive.mae, naive.skill, naive.mase)
        assert (twin.direction, twin.p_value) == (None, 1.0)


@given(seeds)
def test_the_baseline_is_compared_with_nothing(seed: int) -> None:
    """It has no p-value and forecasts no direction; a model without error has every direction right."""
    naive, _, seer = scores(*walks(seed), "naive")
    assert (naive.p_value, naive.skill, naive.direction) == (None, 0.0, None)
    assert (seer.mse, seer.skill, seer.direction) == (0.0, 1.0, 1.0)
    assert seer.p_value is not None
    assert seer.p_value < CHANCE
