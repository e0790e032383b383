"""Tests that every slot is explained: its name, its outcome in the ledger, and one clear sentence."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from flows.ledger.runs import begin_run
from flows.ledger.slots import slots_between
from flows.publishers.markdown import plain
from flows.publishers.slot_words import explained
from tests.answers import UNKNOWN, daily, quota
from tests.slots import FRIDAY, ZONE, begun, sentence
from tests.world import KEY, World, artifacts, text_of, world


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in which the flows run."""
    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, lambda query: daily(query["symbol"], "2026-11-19")) as made:
        yield made


def play(here: World, day: int, newest: str, **given: Any) -> tuple[str | None, str]:
    """Run on a day of November 2026 with bars up to `newest`; return the state's name, and the sentence about it."""
    now = FRIDAY.replace(day=day)
    here.market.answer = lambda query: daily(query["symbol"], newest)
    state = here.symbol(now=now, **given)
    said = sentence(here, now)
    shown = artifacts(state)["explanation"]
    assert shown.startswith(f"- {plain(said)}")
    assert ("Where the number for IBM comes from" in shown) is ("no forecast" not in said)
    return state.name, said


def test_a_week_with_a_weekend_and_a_holiday_is_explained(here: World) -> None:
    """On Saturday Friday's bar is news; on Sunday, and on Thanksgiving's Friday, nothing is; each sentence says so."""
    assert play(here, 20, "2026-11-19")[0] == "Sent"
    name, said = play(here, 21, "2026-11-20")
    assert name == "Sent"
    assert said.startswith(
        "IBM, Saturday 2026-11-21 (no session of XNYS): the forecast made after the bar of 2026-11-20 was"
    )
    assert "IBM 2026-11-23: " in said
    name, said = play(here, 22, "2026-11-20")
    assert name == "Nothing new"
    assert "(no session of XNYS): no mail, because nothing was new: the last completed session is 2026-11-20" in said
    assert play(here, 26, "2026-11-25")[0] == "Sent"
    name, said = play(here, 27, "2026-11-25")
    assert (name, "the last completed session is 2026-11-25" in said) == ("Nothing new", True)
    assert len(here.mails) == 3


def test_a_stale_day_has_one_mail_and_a_sentence(here: World) -> None:
    """Old data is no forecast, and says how old it is; a second run mails nothing, a third, with the bar, the forecast."""
    name, said = play(here, 20, "2026-11-17")
    assert name == "Stale"
    assert said.startswith("IBM, Friday 2026-11-20: no forecast, because of this (mailed at ")
    assert "data is 2 sessions old: the newest usable bar is 2026-11-17's" in said
    assert play(here, 20, "2026-11-17")[0] == "Stale"
    (mail,) = here.mails
    assert mail["Subject"] == "IBM: no forecast: data is 2 sessions old"
    assert play(here, 20, "2026-11-19")[0] == "Sent"
    assert len(here.mails) == 2


def test_a_quota_day_and_a_failed_day_are_explained(here: World) -> None:
    """The reason stands in the sentence, and no key."""
    here.market.answer = lambda query: quota(query["apikey"])
    assert here.symbol(now=FRIDAY).name == "Quota"
    said = sentence(here, FRIDAY)
    assert said.startswith("IBM, Friday 2026-11-20: no forecast, because of this (mailed at ")
    assert KEY not in said
    here.market.answer = lambda _: UNKNOWN
    assert here.symbol("NOPE", now=FRIDAY.replace(day=19)).name == "Failed"
    assert sentence(here, FRIDAY.replace(day=19)).startswith("NOPE, Thursday 2026-11-19: no forecast, because of this")


def test_a_mail_may_wait_for_a_condition(here: World) -> None:
    """Without it there is no mail, and state, ledger and sentence say why; the forecast is recorded all the same."""
    name, said = play(here, 20, "2026-11-19", alert="edge", alert_percent=50.0)
    assert (name, here.mails) == ("Not alerted", [])
    assert "no mail, because the condition for one was not met: the farther edge of the 80 % interval is" in said
    with here.ledger.connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM forecasts")).scalar() == 1
    assert play(here, 20, "2026-11-19", alert="edge", alert_percent=0.1)[0] == "Sent"


def test_failures_are_mailed_whatever_the_condition(here: World) -> None:
    """A run that mails failures only mails no forecast, and every failure."""
    assert play(here, 20, "2026-11-19", alert="failure")[0] == "Not alerted"
    assert play(here, 23, "2026-11-19", alert="failure")[0] == "Stale"
    assert len(here.mails) == 1


def test_each_symbol_may_have_a_mail_of_its_own(here: World) -> None:
    """One run, a mail for each forecast and each failure."""
    here.market.answer = lambda query: UNKNOWN if query["symbol"] == "NOPE" else daily(query["symbol"], "2026-11-19")
    state = here.watchlist("IBM", "NOPE", "MSFT", now=FRIDAY, mails="each")
    assert state.name == "Sent"
    subjects = sorted(str(mail["Subject"]) for mail in here.mails)
    assert [subject.split(":")[0] for subject in subjects] == ["IBM 2026-11-20", "MSFT 2026-11-20", "no forecast"]


def test_a_person_who_asks_again_is_told_when_it_was_mailed(here: World) -> None:
    """Without resend the state's message says when; with it, the mail does."""
    here.symbol(now=FRIDAY)
    assert "have been told of IBM (at 20" in str(here.symbol(now=FRIDAY).message)
    here.symbol(now=FRIDAY, resend=True)
    words = "mailed before, and again because that was asked for: IBM (at 20"
    assert [words in text_of(mail) for mail in here.mails].count(True) == 1


def test_a_run_that_was_killed_is_explained(here: World) -> None:
    """It leaves its beginning behind; an hour later nobody takes it for one at work."""
    begin_run(here.ledger, begun("killed", FRIDAY))
    begin = FRIDAY.replace(hour=0)
    (slot,) = slots_between(here.ledger, begin, begin + timedelta(days=1))
    assert "it is at work, or it was killed" in explained(slot, ZONE, FRIDAY + timedelta(minutes=5))
    assert "was killed, or its machine went down" in explained(slot, ZONE, FRIDAY + timedelta(hours=2))


def test_a_run_that_breaks_is_on_record_as_failed(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw ends the run, and the ledger says so."""

    def broken(*_: object) -> None:
        raise RuntimeError("the cat sat on it")

    monkeypatch.setattr("flows.story.planned", broken)
    state = here.symbol(now=FRIDAY)
    assert state.is_failed()
    assert "the cat sat on it" in sentence(here, FRIDAY)


def test_the_next_mail_names_one_that_may_be_lost(here: World) -> None:
    """After a dialogue that broke off, the next mail to the same readers says which one it was."""
    here.symbol(now=FRIDAY)
    with here.ledger.begin() as connection:
        connection.execute(text("UPDATE outbox SET state = 'UNKNOWN'"))
    name, said = play(here, 20, "2026-11-19")
    assert (name, "went out is not known" in said) == ("Mail unknown", True)
    play(here, 21, "2026-11-20")
    assert "whether an earlier mail went out is not known" in text_of(here.mails[-1])
