"""Tests of the chain of hashes in which a series' forecasts stand."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.forecast import Forecast
from flows.core.issued import Kept, issued
from flows.ledger import tables
from flows.ledger.forecasts import kept_forecasts, unpublished
from flows.ledger.store import open_ledger
from flows.stream.codec import encode_forecast
from tests.core.examples import NOW, PREDICTION, a_forecast
from tests.ledger.ledgers import LIVE, a_ledger, at_once, forget, kept_forecast, rows, where

SERIES = (
    LIVE,
    SeriesId(Origin.LIVE, "MSFT", Interval.DAILY),
    SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY),
    SeriesId(Origin.LIVE, "IBM", Interval.MIN_5),
)
prices = st.floats(min_value=1e-6, max_value=1e12)
zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001 - hypothesis adds the zone
forecasts = st.builds(
    a_forecast,
    issued_at=instants,
    backfill=st.booleans(),
    target=instants.map(lambda closes_at: replace(PREDICTION.target, closes_at=closes_at)),
    **dict.fromkeys(("point", "lower80", "upper80", "lower95", "upper95", "naive"), prices),
)


def of(series: SeriesId, point: float, issued_at: datetime = NOW) -> Forecast:
    """Return a forecast of a series."""
    return a_forecast(point=point, issued_at=issued_at, **series._asdict())


def chain(ledger: Engine, series: SeriesId = LIVE) -> list[Kept]:
    """Return a series' forecasts in the order of their places."""
    found = [kept for kept in kept_forecasts(ledger) if SeriesId(*kept.issued[1:4]) == series]
    assert [kept.issued.place for kept in found] == list(range(1, len(found) + 1))
    return found


def require_linked(found: list[Kept]) -> None:
    """Assert that each forecast names the hash of the one before it, and that its own hash is that of its record."""
    assert [kept.record_hash for kept in found] == [sha256(kept) for kept in found]
    assert [None, *(kept.record_hash for kept in found)][: len(found)] == [kept.issued.previous for kept in found]


def sha256(kept: Kept) -> str:
    """Return the hash of a forecast's record on the topic."""
    return hashlib.sha256(encode_forecast(kept.issued)).hexdigest()


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(SERIES), st.sampled_from([230.0, 231.0, 232.0, 233.0])), max_size=12))
def test_each_series_has_a_chain_of_its_own(given_forecasts: list[tuple[SeriesId, float]]) -> None:
    """Places are 1, 2, 3 in the order of keeping, and a forecast that is made again takes none."""
    with a_ledger() as ledger:
        for number, (series, point) in enumerate(given_forecasts):
            kept_forecast(ledger, of(series, point, NOW + timedelta(seconds=number)))
        for series in SERIES:
            found = chain(ledger, series)
            require_linked(found)
            expected = list(dict.fromkeys(point for other, point in given_forecasts if other == series))
            assert expected == [kept.issued.point for kept in found]
        assert len(set(given_forecasts)) == rows(ledger, tables.forecasts)


@settings(max_examples=30)
# What has the same id has the same target, and a target closes once.
@given(st.lists(forecasts, min_size=1, max_size=3, unique_by=lambda forecast: forecast.forecast_id))
def test_the_hash_is_that_of_what_the_database_gives_back(made: list[Forecast]) -> None:
    """Numbers to the last bit and instants of any zone: what stands in the ledger has the record's hash."""
    with a_ledger() as ledger:
        returned = [kept_forecast(ledger, forecast) for forecast in made]
        found = chain(ledger)
        require_linked(found)
        by_id = {kept.issued.forecast_id: kept for kept in found}
        for forecast in returned:
            assert issued(forecast) == by_id[forecast.forecast_id].issued
            assert forecast.record_hash == by_id[forecast.forecast_id].record_hash
        assert {UTC} == {kept.issued.issued_at.tzinfo for kept in found}


def test_the_hash_outlives_the_process(tmp_path: Path) -> None:
    """Another process reads the same bytes out of the same file, and goes on with the same chain."""
    first = open_ledger(where(tmp_path), Origin.LIVE)
    noon = datetime(2026, 11, 23, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    kept_forecast(first, of(LIVE, 1 / 3, noon))
    before = chain(first)
    forget(first)
    second = open_ledger(where(tmp_path), Origin.LIVE)
    assert before == chain(second)
    kept_forecast(second, of(LIVE, 0.1 + 0.2))
    assert before == chain(second)[:1]
    require_linked(chain(second))
    forget(second)


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_make_one_chain_without_forks(ledger: Engine, threads: int) -> None:
    """Runs at the same moment take one place each, and all of them hear of their own."""
    kept = at_once(threads, lambda number: [kept_forecast(ledger, of(LIVE, 200.0 + number + i / 10)) for i in range(4)])
    found = chain(ledger)
    require_linked(found)
    assert len(found) == 4 * threads
    assert {forecast.record_hash for some in kept for forecast in some} == {one.record_hash for one in found}
    for some in kept:
        assert all(one.place < other.place for one, other in pairwise(some))


def test_threads_of_several_series_do_not_meet(ledger: Engine) -> None:
    """Each series counts for itself, whatever the others do."""
    at_once(
        8, lambda number: [kept_forecast(ledger, of(SERIES[number % 4], 200.0 + number + i / 10)) for i in range(3)]
    )
    for series in SERIES:
        require_linked(chain(ledger, series))
        assert len(chain(ledger, series)) == 6


def test_the_database_itself_refuses_a_fork(ledger: Engine) -> None:
    """No two forecasts of a series can have the same place, whoever writes them."""
    kept_forecast(ledger, a_forecast())
    with ledger.connect() as connection:
        row = connection.execute(select(tables.forecasts)).one()._asdict()
    with pytest.raises(IntegrityError), ledger.begin() as connection:
        connection.execute(insert(tables.forecasts), {**row, "forecast_id": "0" * 64})


def test_a_forecast_that_cannot_be_written_is_not_kept(ledger: Engine) -> None:
    """There is no record without a hash, and the place stays free."""
    with pytest.raises(ValidationError):
        kept_forecast(ledger, a_forecast(upper95=float("inf")))
    assert rows(ledger, tables.forecasts) == 0
    assert kept_forecast(ledger, a_forecast()).place == 1


def test_forecasts_from_before_the_chain_have_no_place_in_it(ledger: Engine) -> None:
    """They stay what they are: found, not hashed, never published again; the chain begins behind them."""
    old = kept_forecast(ledger, a_forecast())
    with ledger.begin() as connection:
        nothing = dict.fromkeys(("place", "previous", "record_hash"))
        connection.execute(tables.forecasts.update().values(**nothing))
    again = kept_forecast(ledger, a_forecast())
    assert (again.forecast_id, again.place, again.record_hash) == (old.forecast_id, 0, "")
    new = kept_forecast(ledger, a_forecast(point=233.0))
    assert (new.place, new.previous) == (1, None)
    assert [kept.issued.place for kept in kept_forecasts(ledger)] == [0, 1]
    assert [kept.issued.place for kept in unpublished(ledger, LIVE, 9)] == [1]
