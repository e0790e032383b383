"""Tests of the figures of a track record, against plain arithmetic and simulation."""

import math
import random
from statistics import mean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.figures import FEWEST, Figures, Scored, figures
from flows.core.intervals.measures import coverage_band
from flows.core.skill import LATELY, figure_facts, record_facts, track_record

PRICE = st.floats(50, 150)


def scored(
    number: int, point: float, naive: float, actual: float, model: str = "arima", scale: float | None = 2.0
) -> Scored:
    """Return a forecast with intervals of 3 and 6 around it."""
    day = f"{2000 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
    return Scored(
        day, day, model, point, naive, point - 3, point + 3, point - 6, point + 6, actual, scale, f"v{number % 2}"
    )


RECORDS = st.lists(st.tuples(PRICE, PRICE, PRICE), min_size=1, max_size=60).map(
    lambda rows: [scored(number, *row) for number, row in enumerate(rows)]
)


def slowly(rows: list[Scored]) -> dict[str, object]:
    """Return the figures by plain arithmetic, one forecast after the other."""
    errors = [row.point - row.actual for row in rows]
    naive = [row.naive - row.actual for row in rows]
    moved = [row for row in rows if row.actual != row.naive]
    told = [row for row in moved if row.point != row.naive]
    right = [(row.point > row.naive) == (row.actual > row.naive) for row in told]
    below = mean(error**2 for error in naive)
    return {
        "n": len(rows),
        "mse": mean(error**2 for error in errors),
        "mae": mean(map(abs, errors)),
        "mase": mean(abs(error) / 2.0 for error in errors),
        "skill": 1 - mean(error**2 for error in errors) / below if below else None,
        "coverage80": mean(abs(error) <= 3 for error in errors),
        "direction": mean(right) if right else None,
        "up_days": mean(row.actual > row.naive for row in moved) if moved else None,
    }


@given(RECORDS)
def test_the_figures_are_those_of_plain_arithmetic(rows: list[Scored]) -> None:
    """Whatever was forecast and came."""
    found = figure_facts(figures(rows))
    for name, expected in slowly(rows).items():
        if name != "coverage80":
            assert found[name] == (None if expected is None else pytest.approx(expected))


@given(RECORDS, st.randoms(use_true_random=False))
def test_order_and_unit_do_not_matter(rows: list[Scored], chance: random.Random) -> None:
    """Shuffled, and in cents instead of dollars, what has no unit is the same."""
    cents = [
        row._replace(
            **{name: getattr(row, name) * 100 for name in Scored._fields[3:11] if getattr(row, name) is not None}
        )
        for row in rows
    ]
    chance.shuffle(cents)
    first, second = figures(rows), figures(cents)
    for name in ("n", "mase", "skill", "direction", "up_days", "coverage95", "first_target", "last_target"):
        expected = getattr(first, name)
        assert getattr(second, name) == (pytest.approx(expected, abs=1e-9) if isinstance(expected, float) else expected)


def test_a_forecast_of_no_move_tells_no_direction() -> None:
    """Nor is a close that stood still right or wrong; rounding alone is no move."""
    rows = [scored(0, 100.0, 100.0, 101.0), scored(1, 101.0, 100.0, 100.0), scored(2, 100 * (1 + 1e-15), 100.0, 99.0)]
    found = figures(rows)
    assert (found.direction, found.up_days) == (None, 0.5)


def test_forecasts_without_a_unit_are_left_out_of_mase_and_counted() -> None:
    """Those of earlier versions have none."""
    rows = [scored(0, 101.0, 100.0, 100.0), scored(1, 104.0, 100.0, 100.0, scale=None)]
    assert (figures(rows).mase, figures(rows).unscaled) == (0.5, 1)
    assert (figures(rows[1:]).mase, figures(rows[1:]).unscaled) == (None, 1)


def test_the_bands_are_binomial() -> None:
    """Within them honest coverage lies in 95 of 100 records."""
    found = figures([scored(number, 100.0, 99.0, 101.0) for number in range(50)])
    assert found.band80 == coverage_band(50, 0.80, 0.95)
    assert found.band95 == coverage_band(50, 0.95, 0.95)


@pytest.mark.parametrize(("count", "known"), [(FEWEST - 1, False), (FEWEST, True)])
def test_few_forecasts_have_no_interval_of_skill(count: int, known: bool) -> None:
    """It would mean nothing."""
    rows = [scored(number, 100.0 + number % 3, 100.0 - number % 2, 101.0 + number % 5) for number in range(count)]
    assert (figures(rows).skill_band is not None) is known
    assert figures([row._replace(naive=row.actual) for row in rows]).skill_band is None


def test_the_interval_of_skill_holds_the_true_skill_as_often_as_it_says() -> None:
    """In 2,000 simulated records of 100 forecasts whose true skill is 1 - 0.9^2 / 1."""
    chance, held = np.random.default_rng(7), 0
    for _ in range(2_000):
        common = chance.normal(size=100)
        own, naive = 0.9 * (0.8 * common + 0.6 * chance.normal(size=100)), common
        rows = [scored(n, 100 + own[n], 100 + naive[n], 100.0) for n in range(100)]
        band = figures(rows).skill_band
        assert band is not None
        held += band[0] <= 1 - 0.81 <= band[1]
    assert 0.93 <= held / 2_000 <= 0.97


def test_a_record_tells_the_whole_the_last_twenty_and_each_model() -> None:
    """Each is what its forecasts alone would give; the whole says how many models and versions are in it."""
    rows = [scored(n, 100.0 + n % 7, 100.0, 101.0, "arima" if n % 3 else "naive") for n in range(45)]
    rows[3], rows[5] = rows[3]._replace(revision=1), rows[5]._replace(revision=4)
    record = track_record(list(reversed(rows)))
    by_model = dict(record.by_model)
    assert (record.n, record.versions, record.corrected, record.last) == (45, 2, 2, rows[-1])
    assert record.late == figures(rows[-LATELY:])
    assert by_model["naive"] == figures([row for row in rows if row.model == "naive"])
    assert [name for name, _ in record.selections] == ["all", "last 20", "arima", "naive"]
    assert record.recent == tuple(rows[-40:])
    facts = record_facts(record)
    assert (facts["n"], facts["last20"]) == (45, figure_facts(figures(rows[-20:])))
    assert facts["by_model"] == {name: figure_facts(found) for name, found in by_model.items()}


def test_a_short_record_of_one_model_is_told_once() -> None:
    """Its last twenty are all of it."""
    rows = [scored(n, 100.0, 99.0, 101.0) for n in range(LATELY)]
    record = track_record(rows)
    assert (record.late, record.by_model) == (None, ())
    assert record_facts(record)["last20"] == figure_facts(figures(rows))


def test_an_empty_record_has_no_figures() -> None:
    """Nothing is claimed."""
    assert figures([]) == Figures()
    assert all(value is None or value == 0 for value in figure_facts(Figures()).values())
    assert math.isfinite(figures([scored(0, 100.0, 99.0, 101.0)]).mse or math.nan)
