"""Tests of the sentence about a slot."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.core.bars import Interval, Origin, SeriesId
from flows.core.slots import Ended
from flows.ledger.slots import MailAbout, SlotRecord
from flows.publishers.slot_words import explained, nothing_ran, unrecorded

AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
MAIL = MailAbout("SENT", "run-1", AT + timedelta(minutes=1), "IBM 2026-11-20: 232.41")
SLOT = SlotRecord(
    SeriesId(Origin.LIVE, "IBM", Interval.DAILY), "run-1", "forecast-watchlist", AT, True, AT, "Sent", "sent", "forecast",
    "2026-11-19", None, "f" * 64, MAIL,
)  # fmt: skip
WHY = "IBM, fetch: the 25 requests are used up. Run again tomorrow"


def said(zone: str = "UTC", clock: datetime = AT, **facts: Any) -> str:
    """Return the sentence about SLOT with other facts."""
    return explained(SLOT._replace(**facts), zone, clock)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {},
            "the forecast made after the bar of 2026-11-19 was mailed at 2026-11-20 15:31 (UTC): 'IBM 2026-11-20: 232.41'.",
        ),
        ({"mail": None}, "the forecast made after the bar of 2026-11-19 was mailed."),
        (
            {"ended": Ended.NOTHING_NEW},
            (
                "no mail, because nothing was new: the last completed session is 2026-11-19, whose forecast had been made before, "
                "and was mailed at 2026-11-20 15:31 (UTC)."
            ),
        ),
        (
            {"ended": Ended.NOT_ALERTED, "reason": "this run mails failures only"},
            "no mail, because the condition for one was not met: this run mails failures only.",
        ),
        (
            {"ended": Ended.QUOTA, "reason": WHY, "forecast_id": None},
            (
                "no forecast, because of this (mailed at 2026-11-20 15:31 (UTC)): fetch: the 25 requests are used up. Run again "
                "tomorrow."
            ),
        ),
        (
            {
                "ended": Ended.STALE,
                "reason": "IBM, forecast: data is 2 sessions old",
                "forecast_id": None,
                "mail": None,
            },
            "no forecast, because of this (not mailed): forecast: data is 2 sessions old.",
        ),
        (
            {"ended": Ended.FAILED, "reason": "not mailed: notify: no server", "mail": None},
            "no mail, because of this: not mailed: notify: no server.",
        ),
        (
            {"ended": Ended.SUPERSEDED, "reason": "this run began 5 hours later"},
            "no forecast, because another run or day had taken over: this run began 5 hours later.",
        ),
        ({"ended": None, "run_outcome": "Evaluated"}, "the run ended as Evaluated."),
    ],
)
def test_each_end_has_its_sentence(facts: dict[str, Any], expected: str) -> None:
    """One clear sentence, with the reason where there is one."""
    assert said(**facts) == f"IBM, Friday 2026-11-20: {expected}"


def test_a_mail_in_doubt_names_what_to_do() -> None:
    """It is not sent again by itself."""
    sentence = said(ended=Ended.MAIL_UNKNOWN, mail=MAIL._replace(state="UNKNOWN"))
    assert "went out is not known" in sentence
    assert "`nextclose forecast IBM --resend`" in sentence


def test_a_day_without_a_session_says_so() -> None:
    """On a Saturday, on a holiday, and for another exchange's symbol on its own calendar."""
    assert said(at=AT + timedelta(days=1)).startswith("IBM, Saturday 2026-11-21 (no session of XNYS): ")
    assert said(at=AT + timedelta(days=6)).startswith("IBM, Thursday 2026-11-26 (no session of XNYS): ")
    london = SeriesId(Origin.LIVE, "TSCO.LON", Interval.DAILY)
    assert said(at=AT + timedelta(days=6), series=london).startswith("TSCO.LON, Thursday 2026-11-26: ")
    strange = SeriesId(Origin.LIVE, "X.NOWHERE", Interval.DAILY)
    assert said(series=strange).startswith("X.NOWHERE, Friday 2026-11-20: ")


def test_the_day_is_the_readers() -> None:
    """On a clock far enough to the east, the run was on the next day already."""
    assert said("Pacific/Auckland").startswith("IBM, Saturday 2026-11-21 (no session of XNYS): ")


def test_another_interval_is_named() -> None:
    """A week's bar is no day's."""
    assert said(series=SeriesId(Origin.LIVE, "IBM", Interval.WEEKLY)).startswith("IBM weekly, Friday")


def test_a_run_without_an_end_was_killed_or_is_at_work() -> None:
    """After the flows' own time-out nobody is at work any more."""
    lost: dict[str, Any] = {"ended": None, "run_outcome": "Running", "mail": None}
    assert "it is at work, or it was killed" in said(clock=AT + timedelta(minutes=59), **lost)
    assert "was killed, or its machine went down" in said(clock=AT + timedelta(minutes=61), **lost)
    assert "was killed" in said(clock=AT + timedelta(minutes=61), **{**lost, "started_at": None})


def test_a_run_that_prefect_saw_end_is_not_at_work() -> None:
    """A run that was killed leaves its end to Prefect's word."""
    lost: dict[str, Any] = {"ended": None, "run_outcome": "Running", "mail": None}
    sentence = explained(SLOT._replace(**lost), "UTC", AT, "Crashed (the worker is gone)")
    assert "broke off; Prefect calls it Crashed (the worker is gone)." in sentence


def test_a_run_that_left_no_trace_is_named() -> None:
    """Prefect knows of it, and why."""
    assert unrecorded("watchlist daily", AT, "Failed", "request: the kafka block cannot be used.", "UTC") == (
        "run watchlist daily, Friday 2026-11-20: no mail, because the run of 2026-11-20 15:30 (UTC) never came as far as the "
        "ledger; Prefect calls it Failed: request: the kafka block cannot be used."
    )
    assert unrecorded("w", AT, "Late", "", "UTC").endswith("Prefect calls it Late.")


def test_a_day_on_which_nothing_ran_says_what_to_look_at() -> None:
    """And a day to come is no fault."""
    past = nothing_ran("IBM", AT.date(), "UTC", AT + timedelta(days=3))
    assert past.startswith("IBM, Friday 2026-11-20: no run is on record, so there was no mail.")
    assert "make up" in past
    assert nothing_ran(None, AT.date() + timedelta(days=1), "UTC", AT).endswith("this day has not come yet.")
