"""Tests of what the doctor says of the ledger and its mails."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect_email import EmailServerCredentials

from flows.checking import check_ledger
from flows.core.bars import Interval, Origin
from flows.core.connections import AlphaVantageConnection, KafkaConnection, LedgerConnection, MailSettings
from flows.ledger.outbox import Audience, MailItem, State, begin_sending, claim, draft, mark
from flows.ledger.store import open_ledger
from flows.parts import Parts
from tests.core.examples import NOW


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    """Parts with an empty ledger."""
    return Parts(
        AlphaVantageConnection("demo"),
        KafkaConnection({}),
        LedgerConnection(f"sqlite:///{tmp_path / 'ledger.db'}"),
        MailSettings("a@localhost", ("b@localhost",)),
        EmailServerCredentials(smtp_server="127.0.0.1"),
        ("ledger: here",),
    )


@pytest.mark.parametrize("state", ["UNKNOWN", "SENDING", "SENT"])
def test_a_mail_that_may_be_lost_is_named(parts: Parts, state: State) -> None:
    """Also one whose run was killed while it was being sent; with what to do about it."""
    engine = open_ledger(parts.ledger, parts.origin)
    made = draft(
        engine, Audience(("b@localhost",), Origin.LIVE, Interval.DAILY), [MailItem("IBM", "forecast", "x")], again=False
    )
    assert claim(engine, made, "IBM 2026-11-23", "run", NOW, "")
    assert begin_sending(engine, made, NOW)
    mark(engine, made, state, NOW)
    found = check_ledger(parts)
    assert (found[0].name, found[0].state, "here" in found[0].found) == ("ledger", "ok", True)
    warnings = [one for one in found if one.state == "warning"]
    assert len(warnings) == (0 if state == "SENT" else 1)
    for one in warnings:
        # A dialogue that nobody ended is in doubt from the moment at which that is found.
        since = "2026-11-23 15:30" if state == "UNKNOWN" else f"{datetime.now(UTC):%Y-%m-%d}"
        assert f"'IBM 2026-11-23' of {since}" in one.found
        assert "UTC went out is not known" in one.found
        assert "--resend" in one.mend


def test_a_ledger_that_cannot_be_opened_is_broken(parts: Parts, tmp_path: Path) -> None:
    """One line says why."""
    (tmp_path / "no.db").write_text("this is no database, however long it is " * 100)
    (found,) = check_ledger(replace(parts, ledger=LedgerConnection(f"sqlite:///{tmp_path / 'no.db'}")))
    assert (found.state, "cannot be used" in found.found, found.found.startswith("the ledger")) == (
        "broken",
        True,
        True,
    )
    assert found.mend
