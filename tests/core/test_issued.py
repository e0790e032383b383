"""Tests of a forecast as it is written on its topic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from flows.core.issued import Issued, issued
from tests.core.examples import NOW, PREDICTION, TARGET, a_forecast

zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001 - hypothesis adds the zone


def test_every_fact_is_that_of_the_forecast() -> None:
    """Numbers, names and the place in the chain are taken as they are."""
    forecast = replace(a_forecast(), given_now=True, place=7, previous="f" * 64, record_hash="e" * 64)
    found = issued(forecast)
    assert set(Issued._fields) == set(found._asdict())
    own = ("forecast_id", "issued_at", "backfill", "given_now", "run_id", "place", "previous")
    assert [getattr(forecast, name) for name in own] == [getattr(found, name) for name in own]
    assert ("2026-11-23", TARGET.closes_at) == (found.target, found.target_closes_at)
    shared = [name for name in Issued._fields if name not in {*own, "target", "target_closes_at"}]
    assert [getattr(PREDICTION, name) for name in shared] == [getattr(found, name) for name in shared]


def test_a_forecast_is_named_by_what_it_is_about() -> None:
    """Symbol, interval, as-of and target, for a sentence."""
    assert issued(a_forecast()).name == "IBM daily 2026-11-20→2026-11-23"


@given(instants, instants)
def test_instants_are_those_of_utc(issued_at: datetime, closes_at: datetime) -> None:
    """The same instants, read from whatever clock, are written in one way."""
    found = issued(a_forecast(issued_at=issued_at, target=replace(TARGET, closes_at=closes_at)))
    assert (issued_at, closes_at) == (found.issued_at, found.target_closes_at)
    assert found.issued_at.isoformat() == issued_at.astimezone(UTC).isoformat()
    assert found.target_closes_at.isoformat() == closes_at.astimezone(UTC).isoformat()


def test_the_hash_of_its_own_record_is_no_part_of_a_record() -> None:
    """Otherwise no record could ever have it."""
    assert issued(a_forecast(issued_at=NOW)) == issued(replace(a_forecast(issued_at=NOW), record_hash="e" * 64))
