"""Tests of the doctor's look at the mail server and the source of bars."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prefect_email import EmailServerCredentials

from blocks import MailAlerts
from flows.checking import check_all, check_mail, check_source
from flows.core.bars import Interval, Origin, SeriesId
from flows.core.checks import Check
from flows.core.connections import LedgerConnection
from flows.ledger.budget import requests_used
from flows.ledger.imports import source_of
from flows.parts import parts_in_use
from flows.steps.fetching import VENDOR_DAY
from tests.answers import UNKNOWN, quota
from tests.operating.site import free_port, post
from tests.publishers.posting import script
from tests.world import KEY, World

REFUSED = {"Error Message": "the parameter apikey is invalid or missing. Please claim your free API key"}
OK = b"250 ok"


def mail_at(port: int, **login: str) -> Check:
    """Return what the doctor says of a mail server on this port."""
    smtp = EmailServerCredentials(smtp_server="127.0.0.1", smtp_port=port, smtp_type="INSECURE", **login)
    smtp.save("smtp", overwrite=True)
    MailAlerts(recipients=["you@example.test"], sender="me@example.test").save("alerts", overwrite=True)
    with parts_in_use() as parts:
        (found,) = check_mail(parts)
    return found


def test_a_mail_server_is_met_without_a_mail(here: World) -> None:
    """Sender and recipients are named to it, and nothing is sent."""
    assert here.folder.exists()
    with post() as letters:
        found = mail_at(letters.port)
        assert (found.state, letters.mails) == ("ok", [])
    assert "you@example.test" in found.found


@pytest.mark.parametrize(
    ("lines", "told", "mend"),
    [
        ((b"220 hi", OK, b"550 no"), "does not take the sender me@example.test", "MAIL_FROM"),
        ((b"220 hi", OK, OK, b"550 no", OK), "does not take you@example.test", "MAIL_TO"),
        ((b"220 hi",), "broke off", "SMTP_HOST"),
        ((b"554 no",), "cannot be reached", "SMTP_PORT"),
    ],
)
def test_a_mail_server_that_refuses_is_named(here: World, lines: tuple[bytes, ...], told: str, mend: str) -> None:
    """Who or what it does not take, and the names to look at."""
    assert here.folder.exists()
    with script(*lines) as port:
        found = mail_at(port)
    assert (found.state, told in found.found, mend in found.mend) == ("broken", True, True)


def test_a_mail_server_that_is_not_there_is_named(here: World) -> None:
    """A port on which nobody listens."""
    assert here.folder.exists()
    found = mail_at(free_port())
    assert (found.state, "cannot be reached" in found.found) == ("broken", True)


def test_without_a_mail_server_mails_are_files(here: World) -> None:
    """Which is worth a look, with how to change it."""
    assert here.folder.exists()
    with parts_in_use() as parts:
        (found,) = check_mail(parts)
    assert (found.state, "as files in" in found.found, "SMTP_HOST" in found.mend) == ("warning", True, True)


def source(here: World, *, offline: bool = False) -> Check:
    """Return what the doctor says of the source."""
    with parts_in_use() as parts:
        (found,) = check_source(parts, offline=offline)
    assert here.folder.exists()
    return found


def test_a_source_is_asked_once_and_the_request_is_counted(here: World) -> None:
    """One request of the day, and none with --offline."""
    assert (source(here, offline=True).state, here.market.queries) == ("ok", [])
    found = source(here)
    assert (found.state, len(here.market.queries)) == ("ok", 1)
    assert "100 bars, the newest of 2026-11-20" in found.found
    with parts_in_use() as parts:
        day = datetime.now(UTC).astimezone(VENDOR_DAY).date().isoformat()
        assert requests_used(here.ledger, parts.source.account, day) == 1


def test_a_look_at_the_source_claims_no_history(here: World) -> None:
    """Whoever has IBM in files of their own can go on with them."""
    source(here)
    assert source_of(here.ledger, SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)) is None


def test_a_source_is_not_asked_where_the_ledger_cannot_count_it(here: World) -> None:
    """The ledger is named as broken, and no request is spent."""
    with parts_in_use() as parts:
        (here.folder / "no.db").write_text("this is no database, however long it is " * 100)
        broken = replace(parts, ledger=LedgerConnection(f"sqlite:///{here.folder / 'no.db'}"))
        found = {one.name: one for one in check_all(broken, offline=False)}
    assert (found["ledger"].state, found["Alpha Vantage"].found.endswith("not asked")) == ("broken", True)
    assert here.market.queries == []


@pytest.mark.parametrize(
    ("answer", "state", "told", "mend"),
    [
        (REFUSED, "broken", "key", "ALPHAVANTAGE_API_KEY"),
        (quota(KEY), "warning", "requests", "tomorrow"),
        (UNKNOWN, "broken", "symbol", "ALPHAVANTAGE"),
        ("<html>", "broken", "answer", "ALPHAVANTAGE_BASE_URL"),
    ],
)
def test_a_source_that_refuses_is_named(here: World, answer: object, state: str, told: str, mend: str) -> None:
    """The key nowhere in it; what to look at."""
    here.market.answer = lambda _: answer
    found = source(here)
    assert (found.state, told in found.found, mend in found.mend, KEY in str(found)) == (state, True, True, False)
    assert len(here.market.queries) == 1
