"""Tests of the record of earlier forecasts, against numbers made by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.figures import Scored
from flows.core.skill import TrackRecord, track_record

# Errors 1, -2, 0; naive errors 2, -1, 3; the 80 % interval holds the first and the last, the 95 % one all but the last.
ROWS = (
    Scored("2026-11-17", "2026-11-18", "drift", 101.0, 102.0, 99.0, 103.0, 98.0, 104.0, 100.0),
    Scored("2026-11-16", "2026-11-17", "naive", 98.0, 99.0, 97.0, 99.0, 96.0, 100.0, 100.0),
    Scored("2026-11-18", "2026-11-19", "naive", 50.0, 53.0, 49.0, 51.0, 50.5, 51.5, 50.0),
)


def test_the_figures_are_those_made_by_hand() -> None:
    """MSE (1 + 4 + 0) / 3, naive MSE (4 + 1 + 9) / 3, MAE (1 + 2 + 0) / 3, and the shares inside."""
    record = track_record(ROWS)
    assert (record.n, record.first_target, record.last_target) == (3, "2026-11-17", "2026-11-19")
    assert record.mse == pytest.approx(5 / 3)
    assert record.mae == pytest.approx(1.0)
    assert record.skill == pytest.approx(1 - 5 / 14)
    assert record.coverage80 == pytest.approx(2 / 3)
    assert record.coverage95 == pytest.approx(2 / 3)


def test_without_forecasts_there_are_no_figures() -> None:
    """An empty record counts nothing and claims nothing."""
    assert track_record([]) == TrackRecord()


@pytest.mark.parametrize("name", ["lower80", "upper80", "lower95", "upper95"])
def test_a_close_on_a_limit_is_inside(name: str) -> None:
    """The limits belong to the interval."""
    row = Scored(**{**ROWS[0]._asdict(), name: ROWS[0].actual})
    record = track_record([row])
    assert (record.coverage80, record.coverage95) == (1.0, 1.0)


def test_skill_is_open_where_the_naive_forecast_made_no_error() -> None:
    """Nothing can be saved of an error that is not there."""
    record = track_record([ROWS[0]._replace(naive=100.0)])
    assert (record.mse, record.skill) == (1.0, None)


@given(st.permutations(ROWS))
def test_the_order_of_the_forecasts_does_not_matter(rows: list[Scored]) -> None:
    """The same forecasts in another order have the same record."""
    assert figures(track_record(ROWS)) == pytest.approx(figures(track_record(rows)))


@given(st.lists(st.sampled_from(ROWS), min_size=1))
def test_the_figures_keep_within_their_bounds(rows: list[Scored]) -> None:
    """Errors are not negative, skill is at most one, coverage is a share."""
    record = track_record(rows)
    assert record.mse is not None
    assert record.mae is not None
    assert record.mse >= record.mae**2 - 1e-9
    assert record.skill is None or record.skill <= 1
    assert record.coverage80 is not None
    assert 0 <= record.coverage80 <= 1


def figures(record: TrackRecord) -> list[float | None]:
    """Return the figures of a record."""
    return [record.n, record.mse, record.mae, record.skill, record.coverage80, record.coverage95]
