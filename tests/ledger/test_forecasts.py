"""Tests of the forecasts that are kept."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.forecast import Forecast
from flows.core.issued import Kept, issued
from flows.ledger import tables
from flows.ledger.forecasts import forecast_after, keep_place, kept_forecasts, unpublished
from flows.stream.codec import encode_forecast
from tests.core.examples import NOW, a_forecast
from tests.ledger.ledgers import LIVE, at_once, kept_forecast, rows

AGAIN = a_forecast(issued_at=NOW + timedelta(hours=1), run_id="run-2")
MSFT = SeriesId(Origin.LIVE, "MSFT", Interval.DAILY)
TOPIC = "nextclose.forecasts.v1"


def first(forecast: Forecast) -> Forecast:
    """Return a forecast as the first of its series."""
    placed = replace(forecast, place=1, previous=None)
    return replace(placed, record_hash=hashlib.sha256(encode_forecast(issued(placed))).hexdigest())


def is_published(ledger: Engine, forecast_id: str) -> bool:
    """Say whether the ledger holds a forecast and knows where on its topic it stands."""
    found = [kept.topic_offset for kept in kept_forecasts(ledger) if kept.issued.forecast_id == forecast_id]
    return bool(found) and None not in found


def test_a_forecast_is_kept_with_everything_that_explains_it(ledger: Engine) -> None:
    """Numbers, instants, model, parameters and contest come back as they were."""
    forecast = a_forecast(model="arima", parameters={"ar.L1": 0.1 + 0.2, "order": "(1,1,0)"})
    kept_forecast(ledger, forecast)
    with ledger.connect() as connection:
        row = connection.execute(select(tables.forecasts)).one()
    p = forecast.prediction
    assert (forecast.forecast_id, NOW, "run-1", False) == (row.forecast_id, row.issued_at, row.run_id, row.backfill)
    assert (p.target.label, p.target.closes_at, p.as_of) == (row.target, row.target_closes_at, row.as_of)
    assert (p.point, p.lower95, p.naive, dict(p.parameters)) == (row.point, row.lower95, row.naive, row.parameters)
    assert [score["name"] for score in row.contest["scores"]] == ["naive", "arima"]
    assert (p.origin, p.chosen_by, p.data_digest) == (row.origin, row.chosen_by, row.data_digest)


@pytest.mark.parametrize("told", [False, True])
def test_a_forecast_says_whether_its_run_was_told_what_instant_it_is(ledger: Engine, told: bool) -> None:
    """The time of issue proves nothing then."""
    kept_forecast(ledger, replace(a_forecast(), given_now=told))
    (kept,) = kept_forecasts(ledger)
    assert told == kept.issued.given_now


def test_a_forecast_is_returned_as_it_was_first_issued(ledger: Engine) -> None:
    """The same forecast made again is the first one, with its instant, its run and its place."""
    made = kept_forecast(ledger, a_forecast())
    assert (first(a_forecast()), first(a_forecast())) == (made, kept_forecast(ledger, AGAIN))
    assert rows(ledger, tables.forecasts) == 1


def test_another_forecast_is_kept_beside_the_first(ledger: Engine) -> None:
    """New data, another number: both are remembered, the second behind the first."""
    made = kept_forecast(ledger, a_forecast())
    other = a_forecast(point=233.0, issued_at=AGAIN.issued_at)
    kept = kept_forecast(ledger, other)
    assert replace(other, place=2, previous=made.record_hash, record_hash=kept.record_hash) == kept
    assert rows(ledger, tables.forecasts) == 2


def test_threads_that_keep_the_same_forecast_agree_on_the_first(ledger: Engine) -> None:
    """Whoever comes first, all hear of the same instant."""
    made = [a_forecast(issued_at=NOW + timedelta(seconds=number), run_id=f"run-{number}") for number in range(4)]
    kept = at_once(4, lambda number: kept_forecast(ledger, made[number]))
    assert (len({forecast.run_id for forecast in kept}), rows(ledger, tables.forecasts)) == (1, 1)
    assert {(1, None)} == {(forecast.place, forecast.previous) for forecast in kept}


def test_a_forecast_is_published_once_its_place_is_known(ledger: Engine) -> None:
    """Until the topic confirmed it, a forecast counts as not published; offset 0 is a place."""
    forecast = kept_forecast(ledger, a_forecast())
    kept_forecast(ledger, a_forecast(symbol="MSFT"))
    assert not is_published(ledger, forecast.forecast_id)
    keep_place(ledger, forecast.forecast_id, "cluster", TOPIC, 3, 0)
    assert is_published(ledger, forecast.forecast_id)
    assert not is_published(ledger, a_forecast(symbol="MSFT").forecast_id)
    (kept,) = kept_forecasts(ledger, "IBM")
    assert Kept(issued(forecast), forecast.record_hash, "cluster", TOPIC, 3, 0) == kept


def test_what_the_topic_has_not_confirmed_is_named_in_order(ledger: Engine) -> None:
    """The forecasts of one series, up to a place in its chain."""
    made = [kept_forecast(ledger, a_forecast(point=230.0 + number)) for number in range(4)]
    kept_forecast(ledger, a_forecast(symbol="MSFT"))
    keep_place(ledger, made[1].forecast_id, "cluster", TOPIC, 3, 0)
    assert [kept.issued.place for kept in unpublished(ledger, LIVE, 4)] == [1, 3, 4]
    assert [kept.issued.place for kept in unpublished(ledger, LIVE, 3)] == [1, 3]
    assert [made[0].record_hash] == [kept.record_hash for kept in unpublished(ledger, LIVE, 2)]
    assert [kept.issued.place for kept in unpublished(ledger, MSFT, 1)] == [1]


def test_an_unknown_forecast_is_not_published(ledger: Engine) -> None:
    """Nothing is claimed of what was never kept."""
    assert not is_published(ledger, "0" * 64)
    keep_place(ledger, "0" * 64, "cluster", TOPIC, 0, 0)
    assert (kept_forecasts(ledger), unpublished(ledger, LIVE, 9), rows(ledger, tables.forecasts)) == ([], [], 0)


@pytest.mark.parametrize("again", [a_forecast(), AGAIN], ids=["same", "later"])
def test_keeping_again_does_not_forget_the_place(ledger: Engine, again: Forecast) -> None:
    """A repeated run does not publish a second time."""
    kept_forecast(ledger, a_forecast())
    keep_place(ledger, a_forecast().forecast_id, "cluster", TOPIC, 3, 11)
    kept_forecast(ledger, again)
    assert is_published(ledger, a_forecast().forecast_id)
    assert unpublished(ledger, LIVE, 9) == []


def test_the_first_forecast_after_a_bar_can_be_asked_for(ledger: Engine) -> None:
    """Of several after the same bar it is the first in the chain; after another bar, or of another series, there is none."""
    made = [kept_forecast(ledger, a_forecast(point=230.0 + number)) for number in range(2)]
    kept_forecast(ledger, a_forecast(as_of="2026-11-23"))
    found = forecast_after(ledger, LIVE, "2026-11-20")
    assert found is not None
    assert issued(made[0]) == found.issued
    assert forecast_after(ledger, LIVE, "2026-11-19") is None
    assert forecast_after(ledger, MSFT, "2026-11-20") is None
