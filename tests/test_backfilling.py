"""Tests of forecasts of past days: from what was known then, kept and never counted, without a mail."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prefect_email import EmailServerCredentials
from sqlalchemy import text

from flows.backfilling import Filled, backfill, slots_in
from flows.core.bars import BarRevision, Interval, Origin, SeriesId
from flows.core.calendars import calendar_of
from flows.core.connections import AlphaVantageConnection, LedgerConnection, MailSettings
from flows.core.recipe import ContestKind, Recipe
from flows.core.request import Request
from flows.embedded.broker import embedded_broker
from flows.ledger.bars import keep_bars, newest_versions
from flows.ledger.forecasts import scored
from flows.ledger.replays import recorded_all
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.replaying import replay
from flows.steps import Run
from tests.answers import UNKNOWN, daily
from tests.servers import market

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)
DAYS = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]
IBM = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)
CHEAP = Recipe(contest=ContestKind.CHEAP)


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A vendor who knows all symbols but one, and everything that a run needs but Prefect."""
    with ExitStack() as stack:
        server = stack.enter_context(
            market(lambda query: UNKNOWN if query["symbol"] == "NOPE" else daily(query["symbol"], "2026-11-20"))
        )
        yield Parts(
            AlphaVantageConnection("planted-key-0123456789", server.url, daily_requests=None, requests_per_second=None),
            stack.enter_context(embedded_broker()),
            LedgerConnection(f"sqlite:///{tmp_path / 'ledger.db'}"),
            MailSettings("a@localhost", ("b@localhost",)),
            EmailServerCredentials(smtp_server="127.0.0.1"),
        )


def filled(parts: Parts, *symbols: str, run_id: str = "fill", now: datetime = NOW) -> list[Filled]:
    """Fill the range for some symbols."""
    return backfill(parts, Run(run_id, "backfill", now, now), Request(symbols, recipe=CHEAP), FIRST, LAST)


def test_every_session_of_a_range_is_forecast_once(parts: Parts) -> None:
    """In their order; the one whose target is still to close counts, the others never do; again, they are known."""
    told: list[tuple[int, int]] = []
    run = Run("fill", "backfill", NOW, NOW)
    made = backfill(parts, run, Request(("IBM",), recipe=CHEAP), FIRST, LAST, lambda *done: told.append(done))
    assert [one.as_of for one in made] == DAYS
    assert [one.forecast.backfill for one in made if one.forecast] == [True] * 4 + [False]
    assert (told[0], told[-1]) == ((0, 5), (5, 5))
    engine = open_ledger(parts.ledger, parts.origin)
    assert scored(engine, IBM, "9999") == []
    again = filled(parts, "IBM", run_id="again")
    assert [one.known for one in again] == [True] * 5
    assert [replay(engine, one).differences for one in recorded_all(engine)] == [()] * 5
    with engine.connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM outbox")).scalar() == 0
        assert (
            connection.execute(text("SELECT outcome FROM runs ORDER BY run_id")).scalars().all() == ["Backfilled"] * 2
        )


def test_a_correction_that_came_later_plays_no_part(parts: Parts) -> None:
    """What is known of a day by now is not what was known then."""
    filled(parts, "IBM")
    engine = open_ledger(parts.ledger, parts.origin)
    _, bar = newest_versions(engine, IBM)["2026-11-16"]
    corrected = bar._replace(close=bar.close * 1.01, high=bar.high * 1.02)
    keep_bars(engine, [BarRevision(*IBM, 1, datetime(2026, 11, 19, 12, tzinfo=UTC), corrected)])
    late = Recipe(contest=ContestKind.CHEAP, model="naive")
    run = Run("late", "backfill", NOW + timedelta(minutes=1), NOW + timedelta(minutes=1))
    made = backfill(parts, run, Request(("IBM",), recipe=late), FIRST, LAST)
    digests = {one.as_of: one.forecast.prediction.data_digest for one in made if one.forecast}
    before = {one.issued.as_of: one.issued.data_digest for one in recorded_all(engine) if one.issued.run_id == "fill"}
    changed = [day for day in DAYS if digests[day] != before[day]]
    # By the last day the vendor had taken the correction back.
    assert changed == ["2026-11-18", "2026-11-19"]


def test_what_fails_for_one_symbol_leaves_the_others(parts: Parts) -> None:
    """A failure is a value, with its reason."""
    made = filled(parts, "NOPE", "IBM")
    assert [(one.symbol, one.failure is None) for one in made] == [("NOPE", False), *[("IBM", True)] * 5]
    assert "NOPE" in (made[0].failure.reason if made[0].failure else "")


def test_a_bar_without_enough_history_is_a_failure_of_its_own(parts: Parts) -> None:
    """The days behind it are forecast."""
    run, request = Run("fill", "backfill", NOW, NOW), Request(("IBM",), recipe=CHEAP)
    made = backfill(parts, run, request, date(2026, 7, 1), date(2026, 9, 30))
    fates = [one.failure is None for one in made]
    assert fates == sorted(fates)
    assert {False, True} == set(fates)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (Interval.WEEKLY, ["2026-11-06", "2026-11-13"]),
        (
            Interval.DAILY,
            ["2026-11-05", "2026-11-06", "2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13"],
        ),
    ],
)
def test_a_range_means_the_bars_that_ended_in_it(interval: Interval, expected: list[str]) -> None:
    """Whole weeks for weekly bars; nothing that is not over yet."""
    calendar = calendar_of("IBM", interval)
    found = slots_in(calendar, date(2026, 11, 5), date(2026, 11, 16), "2026-11-13")
    assert [slot.as_of.label for slot in found] == expected
