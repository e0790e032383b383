"""All parts of a run on the real broker, without Prefect."""

import smtplib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prefect_email import EmailServerCredentials
from sqlalchemy import Engine

from flows import steps
from flows.core.bars import Bar, BarRevision, Interval, Origin
from flows.core.calendars import calendar_of
from flows.core.connections import AlphaVantageConnection, KafkaConnection, LedgerConnection, MailSettings
from flows.core.forecast import Forecast
from flows.core.report import Entry, Report
from flows.core.skill import TrackRecord
from flows.embedded.mailbox import mailbox
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.publishers.outbox import deliver
from flows.steps import Run
from tests.core.examples import PREDICTION, a_session

SOON = datetime.now(UTC) + timedelta(days=30)


def parts_on(kafka: KafkaConnection, folder: Path) -> Parts:
    """Return parts that use this broker and a ledger in `folder`, its topics made."""
    parts = Parts(
        AlphaVantageConnection("demo", base_url="http://127.0.0.1/query"),
        kafka,
        LedgerConnection(f"sqlite:///{folder / 'ledger.db'}"),
        MailSettings("a@localhost", ("b@localhost",)),
        EmailServerCredentials(smtp_server="127.0.0.1"),
    )
    steps.connect(parts)
    return parts


def ledger_of(parts: Parts) -> Engine:
    """Return the ledger of these parts."""
    return open_ledger(parts.ledger, parts.origin)


def recorded(parts: Parts, number: int, *, backfill: bool = False, given_now: bool = False, ago: int = 0) -> Forecast:
    """Record a forecast as a run does, its target closing in a month, or some days ago."""
    day = (SOON if not ago else datetime.now(UTC) - timedelta(days=ago)) + timedelta(days=number)
    prediction = replace(
        PREDICTION,
        target=a_session(day.date().isoformat()),
        origin=Origin.CUSTOM,
        as_of=f"2026-01-{number + 1:02}",
        point=230.0 + number,
    )
    now = datetime.now(UTC)
    return steps.record(parts, prediction, Run("run", "test", now, now, given_now), backfill=backfill)


def mailed(parts: Parts, made: Forecast, folder: Path) -> Path:
    """Mail a report of one forecast to a real mail server, and return the file that it arrived as."""
    report = Report(Origin.CUSTOM, Interval.DAILY, datetime.now(UTC), "run", (), (Entry(made, TrackRecord()),))
    with mailbox(folder) as port:
        deliver(ledger_of(parts), report, parts.mail, lambda: smtplib.SMTP("127.0.0.1", port))
    (file,) = folder.glob("*.eml")
    return file


def sessions(count: int, until: str = "2026-11-20") -> tuple[str, ...]:
    """Return the last sessions of New York up to a day."""
    return calendar_of("IBM").labels_between("2020-01-02", until)[-count:]


def a_bar_of(symbol: str, day: str, number: int, revision: int = 0) -> BarRevision:
    """Return a bar of a symbol whose price moves a little from day to day."""
    price = 100.0 + (number * 37 % 11) - (number * 53 % 7)
    bar = Bar(day, price, price + 1, price - 1, price + 0.25, 1000.0)
    return BarRevision(Origin.CUSTOM, symbol, Interval.DAILY, revision, datetime.now(UTC), bar)
