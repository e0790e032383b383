"""Tests of the forecasts that are kept."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from flows.ledger import tables
from flows.ledger.forecasts import is_published, keep_forecast, keep_place
from tests.core.examples import NOW, a_forecast
from tests.ledger.ledgers import at_once, rows

AGAIN = a_forecast(issued_at=NOW + timedelta(hours=1), run_id="run-2")


def test_a_forecast_is_kept_with_everything_that_explains_it(ledger: Engine) -> None:
    """Numbers, instants, model, parameters and contest come back as they were."""
    forecast = a_forecast(model="arima", parameters={"ar.L1": 0.1 + 0.2, "order": "(1,1,0)"})
    keep_forecast(ledger, forecast)
    with ledger.connect() as connection:
        row = connection.execute(select(tables.forecasts)).one()
    p = forecast.prediction
    assert (forecast.forecast_id, NOW, "run-1", False) == (row.forecast_id, row.issued_at, row.run_id, row.backfill)
    assert (p.target.label, p.target.closes_at, p.as_of) == (row.target, row.target_closes_at, row.as_of)
    assert (p.point, p.lower95, p.naive, dict(p.parameters)) == (row.point, row.lower95, row.naive, row.parameters)
    assert [score["name"] for score in row.contest["scores"]] == ["naive", "arima"]
    assert (p.origin, p.chosen_by, p.data_digest) == (row.origin, row.chosen_by, row.data_digest)


def test_a_forecast_is_returned_as_it_was_first_issued(ledger: Engine) -> None:
    """The same forecast made again is the first one, with its instant and its run."""
    first = keep_forecast(ledger, a_forecast())
    assert (a_forecast(), a_forecast()) == (first, keep_forecast(ledger, AGAIN))
    assert rows(ledger, tables.forecasts) == 1


def test_another_forecast_is_kept_beside_the_first(ledger: Engine) -> None:
    """New data, another number: both are remembered."""
    keep_forecast(ledger, a_forecast())
    other = a_forecast(point=233.0, issued_at=AGAIN.issued_at)
    assert other == keep_forecast(ledger, other)
    assert rows(ledger, tables.forecasts) == 2


def test_threads_that_keep_the_same_forecast_agree_on_the_first(ledger: Engine) -> None:
    """Whoever comes first, all hear of the same instant."""
    made = [a_forecast(issued_at=NOW + timedelta(seconds=number), run_id=f"run-{number}") for number in range(4)]
    kept = at_once(4, lambda number: keep_forecast(ledger, made[number]))
    assert (len({forecast.run_id for forecast in kept}), rows(ledger, tables.forecasts)) == (1, 1)


def test_a_forecast_is_published_once_its_place_is_known(ledger: Engine) -> None:
    """Until the topic confirmed it, a forecast counts as not published; offset 0 is a place."""
    forecast = keep_forecast(ledger, a_forecast())
    keep_forecast(ledger, a_forecast(symbol="MSFT"))
    assert not is_published(ledger, forecast.forecast_id)
    keep_place(ledger, forecast.forecast_id, "nextclose.forecasts.v1", 3, 0)
    assert is_published(ledger, forecast.forecast_id)
    assert not is_published(ledger, a_forecast(symbol="MSFT").forecast_id)


def test_an_unknown_forecast_is_not_published(ledger: Engine) -> None:
    """Nothing is claimed of what was never kept."""
    assert not is_published(ledger, "0" * 64)


@pytest.mark.parametrize("again", [a_forecast(), AGAIN], ids=["same", "later"])
def test_keeping_again_does_not_forget_the_place(ledger: Engine, again: object) -> None:
    """A repeated run does not publish a second time."""
    keep_forecast(ledger, a_forecast())
    keep_place(ledger, a_forecast().forecast_id, "nextclose.forecasts.v1", 3, 11)
    keep_forecast(ledger, again)  # type: ignore[arg-type]
    assert is_published(ledger, a_forecast().forecast_id)
