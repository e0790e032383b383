"""Sending a report at most once, and never silently not at all."""

import smtplib
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from sqlalchemy import Engine

from flows.core.connections import MailSettings
from flows.core.errors import FixConfiguration, NextcloseError, Unreachable
from flows.core.report import Report, subject
from flows.ledger.outbox import Audience, Claim, MailItem, claim, mark, release, states_of
from flows.publishers.mail import compose

SMTP_SECONDS = 20.0

Connect = Callable[[], smtplib.SMTP]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a report's mail."""

    state: Literal["sent", "nothing new", "unknown"]
    message: str


def deliver(
    engine: Engine, report: Report, settings: MailSettings, connect: Connect, *, resend: bool = False
) -> Delivery:
    """Mail what these recipients have not been told yet.

    Args:
        engine: The ledger, whose outbox decides.
        report: What there is to tell.
        settings: Who writes to whom.
        connect: Opens an authenticated SMTP connection.
        resend: Mail everything, also what was mailed before.

    Raises:
        Unreachable: The mail server did not take the mail; it has certainly not gone out, and can be tried again.
        FixConfiguration: The mail server refuses the sender, a recipient or the password.
    """
    audience = Audience(settings.recipients, report.origin, report.interval)
    states = states_of(engine, audience, items_of(report))
    news = report if resend else _without(report, set(states))
    items = items_of(news)
    if not items:
        return Delivery("nothing new", f"nothing to mail: {_told(states)}")
    made = claim(engine, audience, items, subject(news), report.run_id, report.now, again=resend)
    if made is None:
        return Delivery("nothing new", "nothing to mail: another run is mailing this at the moment")
    return _send(engine, made, news, settings, connect)


def items_of(report: Report) -> tuple[MailItem, ...]:
    """Return what a mail about this report would tell."""
    made = [(e.symbol, "forecast", e.forecast.prediction.as_of) for e in report.entries]
    failed = [(f.symbol, f.kind, f.due) for f in report.failures]
    return tuple(MailItem(*item) for item in (*made, *failed))


def _without(report: Report, told: set[MailItem]) -> Report:
    entries = tuple(
        e for e in report.entries if MailItem(e.symbol, "forecast", e.forecast.prediction.as_of) not in told
    )
    failures = tuple(f for f in report.failures if MailItem(f.symbol, f.kind, f.due) not in told)
    return report.only(entries, failures)


def _told(states: Mapping[MailItem, str]) -> str:
    unsure = [item.symbol for item, state in states.items() if state != "SENT"]
    if unsure:
        return f"whether the mail about {', '.join(unsure)} went out is not known; use resend to mail it again"
    return "these recipients have been told already; use resend to mail it again"


def _send(engine: Engine, made: Claim, report: Report, settings: MailSettings, connect: Connect) -> Delivery:
    message = compose(report, settings, made.message_id)
    with _released_on_failure(engine, made):
        server = _connected(connect)
    try:
        mark(engine, made, "SENDING", report.now)
        return _dialogue(engine, made, server, message, report)
    finally:
        _hang_up(server)


def _dialogue(engine: Engine, made: Claim, server: smtplib.SMTP, message: EmailMessage, report: Report) -> Delivery:
    try:
        with _released_on_failure(engine, made):
            refused = _transmit(server, message)
    except (smtplib.SMTPServerDisconnected, OSError):
        # The connection broke somewhere in the dialogue: the server may have taken the mail or not.
        mark(engine, made, "UNKNOWN", report.now)
        return Delivery("unknown", f"the mail server broke off; whether {message['Subject']!r} went out is not known")
    mark(engine, made, "SENT", report.now)
    lost = f"; the server refused {', '.join(refused)}" if refused else ""
    return Delivery("sent", f"mailed to {message['To']}: {message['Subject']}{lost}")


def _hang_up(server: smtplib.SMTP) -> None:
    """Take leave; what a server answers to that changes nothing about the mail."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _transmit(server: smtplib.SMTP, message: EmailMessage) -> list[str]:
    """Send, and return the recipients that were refused while others were taken."""
    try:
        return list(server.send_message(message))
    except smtplib.SMTPRecipientsRefused as error:
        raise FixConfiguration(
            f"notify: the mail server refused every recipient ({', '.join(error.recipients)}). Check the alerts block"
        ) from None
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError, smtplib.SMTPHeloError) as error:
        raise _answered(error) from None


def _answered(error: smtplib.SMTPResponseException) -> NextcloseError:
    text = f"notify: the mail server answered {error.smtp_code} and did not take the mail"
    if 400 <= error.smtp_code < 500:
        return Unreachable(f"{text}. It is tried again")
    return FixConfiguration(f"{text}. Check sender and recipients in the alerts block")


def _connected(connect: Connect) -> smtplib.SMTP:
    try:
        with _default_timeout(SMTP_SECONDS):
            return connect()
    except smtplib.SMTPAuthenticationError:
        raise FixConfiguration(
            "notify: the mail server refuses the user name or the password. Check the smtp block"
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(
            f"notify: the mail server cannot be reached ({type(error).__name__}). It is tried again; "
            "check host, port and type in the smtp block"
        ) from None


@contextmanager
def _default_timeout(seconds: float) -> Iterator[None]:
    """Give new sockets a time-out: prefect-email's get_server() takes none."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextmanager
def _released_on_failure(engine: Engine, made: Claim) -> Iterator[None]:
    """Give the claim back when the mail has certainly not gone out."""
    try:
        yield
    except NextcloseError:
        release(engine, made)
        raise
