"""Tests of what the ledger tells about slots and where numbers come from."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from flows.core.bars import Interval, Origin
from flows.core.slots import Ended
from flows.ledger.imports import Import, claim_series, keep_import
from flows.ledger.outbox import Audience, MailItem, State, claim, draft, mark
from flows.ledger.provenance import came_from, newest_forecast, provenance_of
from flows.ledger.runs import Begun, Outcome, begin_run, keep_run, newer_success
from flows.ledger.slots import MailAbout, newest_slot, slots_between, slots_of
from tests.core.examples import NOW, a_forecast
from tests.ledger.ledgers import LIVE, kept_forecast

DAY = timedelta(days=1)
TO = Audience(("ann@example.test",), Origin.LIVE, Interval.DAILY)
AS_OF = "2026-11-20"


def begun(
    ledger: Engine, run_id: str, *symbols: str, late: timedelta = timedelta(0), deployment: str | None = "d"
) -> None:
    """Begin a run that was scheduled for NOW, or so much later."""
    at = NOW + late
    begin_run(ledger, Begun(run_id, "forecast-watchlist", at, Origin.LIVE, Interval.DAILY, symbols, at, at, deployment))


def ended(ledger: Engine, run_id: str, *symbols: Outcome, outcome: str = "Sent") -> None:
    """End a run."""
    keep_run(ledger, run_id, "forecast-watchlist", NOW, outcome, "done", symbols, NOW + DAY)


def told(symbol: str = "IBM", ended: Ended = Ended.SENT, forecast_id: str | None = None) -> Outcome:
    """Return the outcome of a symbol that was forecast."""
    return Outcome(symbol, Origin.LIVE, Interval.DAILY, AS_OF, "forecast", forecast_id=forecast_id, ended=ended)


def mailed(ledger: Engine, run_id: str, state: State, *, again: bool = False) -> None:
    """Let a run have mailed a forecast of IBM."""
    made = draft(ledger, TO, [MailItem("IBM", "forecast", AS_OF)], again=again)
    assert claim(ledger, made, f"mail of {run_id}", run_id, NOW, "")
    mark(ledger, made, state, NOW)


def fates(ledger: Engine) -> Sequence[tuple[str, str, str | None]]:
    """Return run, symbol and end of every slot from NOW on."""
    return [(slot.run_id, slot.series.symbol, slot.ended) for slot in slots_between(ledger, NOW, NOW + 9 * DAY)]


def test_a_run_that_has_begun_has_a_slot_for_each_symbol(ledger: Engine) -> None:
    """What is killed leaves its beginning behind."""
    begun(ledger, "run-1", "IBM", "MSFT")
    assert fates(ledger) == [("run-1", "IBM", None), ("run-1", "MSFT", None)]
    (first, _) = slots_of(ledger, "run-1")
    assert (first.run_outcome, first.scheduled, first.at, first.started_at) == ("Running", True, NOW, NOW)


def test_a_run_that_has_ended_says_how_for_each_symbol(ledger: Engine) -> None:
    """The outcome, the reason and the mail."""
    begun(ledger, "run-1", "IBM", "MSFT")
    mailed(ledger, "run-1", "SENT")
    ended(ledger, "run-1", told(), told("MSFT", Ended.NOTHING_NEW)._replace(reason="why"))
    ibm, msft = slots_of(ledger, "run-1")
    assert (ibm.ended, ibm.due, ibm.mail) == ("sent", AS_OF, MailAbout("SENT", "run-1", NOW, "mail of run-1"))
    assert (msft.ended, msft.reason, msft.mail) == ("nothing new", "why", None)


def test_a_runs_own_mail_counts_before_anothers(ledger: Engine) -> None:
    """A run that was told before names the mail that there was; one that resent names its own."""
    mailed(ledger, "first", "SENT")
    mailed(ledger, "again", "UNKNOWN", again=True)
    for run_id in ("first", "again", "third"):
        begun(ledger, run_id, "IBM")
        ended(ledger, run_id, told())
    found = {slot.run_id: slot.mail.run_id for slot in slots_between(ledger, NOW, NOW + DAY) if slot.mail}
    assert found == {"first": "first", "again": "again", "third": "again"}


def test_a_run_that_begins_anew_forgets_how_it_had_ended(ledger: Engine) -> None:
    """Whoever runs a failed run again sees how it ended then."""
    begun(ledger, "run-1", "IBM")
    ended(ledger, "run-1", told(ended=Ended.FAILED), outcome="Failed")
    begun(ledger, "run-1", "IBM")
    assert fates(ledger) == [("run-1", "IBM", None)]
    ended(ledger, "run-1", told())
    assert fates(ledger) == [("run-1", "IBM", "sent")]


def test_slots_are_found_by_day_and_symbol(ledger: Engine) -> None:
    """From an instant, up to and not including another."""
    for number in range(3):
        begun(ledger, f"run-{number}", "IBM", *(["MSFT"] if number == 1 else []), late=number * DAY)
    assert [slot.run_id for slot in slots_between(ledger, NOW + DAY, NOW + 2 * DAY)] == ["run-1", "run-1"]
    assert [slot.run_id for slot in slots_between(ledger, NOW, NOW + 9 * DAY, "MSFT")] == ["run-1"]
    assert newest_slot(ledger) == NOW + 2 * DAY


def test_the_newest_slot_of_a_symbol_is_of_a_run_that_ended(ledger: Engine) -> None:
    """And there may be none."""
    assert newest_slot(ledger) is None
    begun(ledger, "run-1", "IBM")
    ended(ledger, "run-1", told())
    begun(ledger, "run-2", "MSFT", late=DAY)
    assert (newest_slot(ledger, "IBM"), newest_slot(ledger, "MSFT")) == (NOW, None)


@pytest.mark.parametrize(
    ("outcome", "deployment", "late", "expected"),
    [
        ("Sent", "d", DAY, NOW + DAY),
        ("Nothing new", "d", DAY, NOW + DAY),
        ("Not alerted", "d", DAY, NOW + DAY),
        ("Sent", "another", DAY, None),
        ("Sent", "d", -DAY, None),
        ("Sent", "d", timedelta(0), None),
        ("Stale", "d", DAY, None),
        ("Superseded", "d", DAY, None),
        ("Failed", "d", DAY, None),
    ],
)
def test_a_newer_run_of_the_same_schedule_makes_an_older_one_needless(
    ledger: Engine, outcome: str, deployment: str, late: timedelta, expected: object
) -> None:
    """If it has said all there is to say."""
    begun(ledger, "run-1", "IBM", late=late, deployment=deployment)
    ended(ledger, "run-1", outcome=outcome)
    assert expected == newer_success(ledger, "d", NOW)


def test_a_forecast_is_found_with_all_that_it_was_made_from(ledger: Engine) -> None:
    """By its id, or as a symbol's newest that counts; with its source and the files that its bars came from."""
    old = kept_forecast(ledger, a_forecast(as_of="2026-11-19"))
    new = kept_forecast(ledger, a_forecast(issued_at=NOW + DAY))
    kept_forecast(ledger, a_forecast(issued_at=NOW + 2 * DAY, backfill=True))
    claim_series(ledger, LIVE, "alpha-vantage")
    file = Import("ibm.csv", "a" * 64, "2026-06-01", "2026-07-02", 20, NOW)
    keep_import(ledger, LIVE, file)
    found = newest_forecast(ledger, "IBM")
    assert found is not None
    assert (found.forecast_id, found.series, found.record_hash) == (new.forecast_id, LIVE, new.record_hash)
    assert found == provenance_of(ledger, new.forecast_id)
    assert came_from(ledger, found) == ("alpha-vantage", [file])
    earlier = provenance_of(ledger, old.forecast_id)
    assert (earlier and earlier.as_of, provenance_of(ledger, "0" * 64)) == ("2026-11-19", None)
    assert newest_forecast(ledger, "MSFT") is None
