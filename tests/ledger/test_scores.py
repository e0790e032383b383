"""Tests of which forecasts count, and against which close."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, text

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.figures import Scored
from flows.core.forecast import Forecast
from flows.core.skill import track_record
from flows.ledger.bars import keep_bars
from flows.ledger.forecasts import scored
from tests.core.examples import a_forecast, a_session
from tests.ledger.ledgers import LIVE, a_revision, kept_forecast

TARGET = a_session("2026-11-20")
MORNING = TARGET.closes_at - timedelta(hours=6)
DAYS = ("2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20")
RECOUNT = text("""
    WITH counted AS (
        SELECT f.target, f.point, f.naive, f.lower80, f.upper80, f.lower95, f.upper95, f.issued_at
        FROM forecasts f WHERE f.origin = :origin AND f.symbol = :symbol AND f.target <= :until
        AND NOT f.backfill AND f.issued_at < f.target_closes_at
        AND NOT EXISTS (
            SELECT 1 FROM forecasts g WHERE g.origin = f.origin AND g.symbol = f.symbol AND g.target = f.target
            AND NOT g.backfill AND g.issued_at < f.issued_at
        )
    ), known AS (
        SELECT b.time, b.close FROM bars b WHERE b.origin = :origin AND b.symbol = :symbol AND NOT EXISTS (
            SELECT 1 FROM bars n WHERE n.origin = b.origin AND n.symbol = b.symbol AND n.interval = b.interval
            AND n.time = b.time AND n.revision > b.revision
        )
    )
    SELECT COUNT(*), AVG((point - close) * (point - close)), AVG(ABS(point - close)),
           1 - AVG((point - close) * (point - close)) / AVG((naive - close) * (naive - close)),
           CAST(AVG(CASE WHEN close BETWEEN lower80 AND upper80 THEN 1.0 ELSE 0.0 END) AS DOUBLE PRECISION),
           CAST(AVG(CASE WHEN close BETWEEN lower95 AND upper95 THEN 1.0 ELSE 0.0 END) AS DOUBLE PRECISION)
    FROM counted JOIN known ON time = target
""")


def issued(at: datetime = MORNING, target: str = "2026-11-20", **facts: Any) -> Forecast:
    """Return a forecast for a session, issued at an instant."""
    given: dict[str, Any] = {"point": 101.0, "as_of": "2026-11-19", **facts}
    return a_forecast(issued_at=at, target=a_session(target), **given)


def points(ledger: Engine, series: SeriesId = LIVE, until: str = "9999-12-31") -> list[tuple[float, float]]:
    """Return forecast and actual of everything that counts."""
    return [(row.point, row.actual) for row in scored(ledger, series, until)]


def test_a_forecast_is_scored_when_its_close_arrives(ledger: Engine) -> None:
    """Before, nothing counts; then the forecast stands beside its close."""
    kept_forecast(ledger, issued())
    assert scored(ledger, LIVE, "2026-11-20") == []
    keep_bars(ledger, [a_revision("2026-11-19", 99.0), a_revision("2026-11-20", 100.0)])
    p = issued().prediction
    limits = (p.lower80, p.upper80, p.lower95, p.upper95)
    assert [Scored("2026-11-19", "2026-11-20", "naive", 101.0, p.naive, *limits, 100.0, p.scale, "0.1.0", 0)] == scored(
        ledger, LIVE, "2026-11-20"
    )


@pytest.mark.parametrize(
    ("late", "counts"),
    [(timedelta(microseconds=-1), 1), (timedelta(0), 0), (timedelta(microseconds=1), 0), (timedelta(days=9), 0)],
)
def test_only_a_forecast_from_before_the_close_counts(ledger: Engine, late: timedelta, counts: int) -> None:
    """Who knows the close is no prophet, to the microsecond."""
    kept_forecast(ledger, issued(TARGET.closes_at + late))
    keep_bars(ledger, [a_revision("2026-11-20")])
    assert counts == len(points(ledger))


def test_a_backfill_never_counts(ledger: Engine) -> None:
    """Not even one whose instant lies before the close."""
    kept_forecast(ledger, issued(backfill=True))
    keep_bars(ledger, [a_revision("2026-11-20")])
    assert points(ledger) == []


def test_the_first_that_was_issued_counts(ledger: Engine) -> None:
    """Neither a later forecast for the same close nor the order of keeping changes that."""
    for at, point in ((3, 103.0), (1, 101.0), (2, 102.0)):
        kept_forecast(ledger, issued(MORNING + timedelta(hours=at), point=point))
    kept_forecast(ledger, issued(MORNING, point=100.5, backfill=True))
    keep_bars(ledger, [a_revision("2026-11-20")])
    assert points(ledger) == [(101.0, 100.0)]


def test_the_newest_version_of_the_close_is_the_actual(ledger: Engine) -> None:
    """A correction changes the score, in whatever order the versions arrive."""
    kept_forecast(ledger, issued())
    keep_bars(ledger, [a_revision("2026-11-20", 105.0, 2), a_revision("2026-11-20", 100.0)])
    keep_bars(ledger, [a_revision("2026-11-20", 110.0, 1)])
    assert points(ledger) == [(101.0, 105.0)]


@pytest.mark.parametrize("facts", [{"origin": Origin.CUSTOM}, {"symbol": "MSFT"}, {"target": "2026-11-19"}])
def test_another_series_is_another_score(ledger: Engine, facts: dict[str, Any]) -> None:
    """A forecast of another origin, symbol or session is not scored against this close."""
    kept_forecast(ledger, issued(MORNING - timedelta(days=2), **facts))
    keep_bars(ledger, [a_revision("2026-11-20")])
    other = SeriesId(facts.get("origin", Origin.LIVE), facts.get("symbol", "IBM"), Interval.DAILY)
    assert (points(ledger), points(ledger, other)) == ([], [])


def test_the_same_symbol_of_two_origins_has_two_records(ledger: Engine) -> None:
    """Each origin's forecasts meet that origin's closes."""
    custom = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)
    kept_forecast(ledger, issued(point=101.0))
    kept_forecast(ledger, issued(point=102.0, origin=Origin.CUSTOM))
    keep_bars(ledger, [a_revision("2026-11-20", 100.0), a_revision("2026-11-20", 90.0, series=custom)])
    assert (points(ledger), points(ledger, custom)) == ([(101.0, 100.0)], [(102.0, 90.0)])


@pytest.mark.parametrize(
    ("until", "count"), [("2026-11-15", 0), ("2026-11-17", 2), ("2026-11-18", 3), ("2027-01-01", 5)]
)
def test_a_record_can_be_cut_at_a_session(ledger: Engine, until: str, count: int) -> None:
    """A replay of an earlier day sees the record of that day, oldest first."""
    for day in reversed(DAYS):
        kept_forecast(ledger, issued(a_session(day).closes_at - timedelta(hours=1), day))
        keep_bars(ledger, [a_revision(day)])
    assert list(DAYS[:count]) == [row.target for row in scored(ledger, LIVE, until)]


@pytest.mark.parametrize("seed", range(4))
def test_the_record_is_that_of_an_independent_recount(ledger: Engine, seed: int) -> None:
    """Over a random past, our figures are those that anybody's SQL finds in the tables."""
    random = Random(seed)  # noqa: S311 - a past, not a secret
    for _ in range(60):
        day = random.choice(DAYS)
        at = a_session(day).closes_at + timedelta(minutes=random.randint(-600, 120))
        origin = random.choice([Origin.LIVE, Origin.LIVE, Origin.CUSTOM])
        numbers = {"point": random.uniform(95, 105), "naive": random.uniform(95, 105)}
        limits = {"lower80": 98.0, "upper80": 102.0, "lower95": 96.0, "upper95": 104.0}
        kept_forecast(ledger, issued(at, day, origin=origin, backfill=random.random() < 0.2, **numbers, **limits))
    for day in DAYS[:-1]:
        keep_bars(ledger, [a_revision(day, random.uniform(95, 105), number) for number in range(random.randint(1, 3))])
    for until in DAYS:
        record = track_record(scored(ledger, LIVE, until))
        with ledger.connect() as connection:
            given = {"origin": "live", "symbol": "IBM", "until": until}
            expected = connection.execute(RECOUNT, given).one()
        figures = (record.n, record.mse, record.mae, record.skill, record.coverage80, record.coverage95)
        assert tuple(expected) == pytest.approx(figures)


def test_every_version_of_a_close_is_scored_and_the_newest_counts(ledger: Engine) -> None:
    """Both scores are kept; how many closes were corrected is known."""
    kept_forecast(ledger, issued())
    keep_bars(ledger, [a_revision("2026-11-19", 99.0), a_revision("2026-11-20", 100.0)])
    assert track_record(scored(ledger, LIVE, "9999")).corrected == 0
    keep_bars(ledger, [a_revision("2026-11-20", 100.5, 1), a_revision("2026-11-20", 100.75, 2)])
    with ledger.connect() as connection:
        rows = connection.execute(text("SELECT revision, actual, error, counts FROM all_scores ORDER BY revision"))
        found = [(row.revision, row.actual, row.error, bool(row.counts)) for row in rows]
    assert found == [(0, 100.0, 1.0, False), (1, 100.5, 0.5, False), (2, 100.75, 0.25, True)]
    assert points(ledger) == [(101.0, 100.75)]
    assert track_record(scored(ledger, LIVE, "9999")).corrected == 1
