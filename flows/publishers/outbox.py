"""Sending a report at most once, and never silently not at all."""

import smtplib
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Literal

from sqlalchemy import Engine

from flows.core.connections import MailSettings
from flows.core.errors import FixConfiguration, NextcloseError, Unreachable
from flows.core.report import Report, subject
from flows.ledger.outbox import Audience, Claim, MailItem, claim, drop_abandoned, mark, release, states_of
from flows.publishers.mail import compose, content_digest

SMTP_SECONDS = 20.0
CLAIM_ATTEMPTS = 5

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
    drop_abandoned(engine, datetime.now(UTC))
    for _ in range(CLAIM_ATTEMPTS):
        states = {} if resend else states_of(engine, audience, items_of(report))
        news = _without(report, states)
        items = items_of(news)
        if not items:
            return _told(states)
        made = claim(engine, audience, items, subject(news), report.run_id, datetime.now(UTC), again=resend)
        if made is not None:
            return _send(engine, made, news, settings, connect)
        # Another run has claimed one of these meanwhile: see what is left to tell.
    raise Unreachable("notify: other runs are mailing the same symbols all the time. It is tried again")


def items_of(report: Report) -> tuple[MailItem, ...]:
    """Return what a mail about this report would tell."""
    made = [(e.symbol, "forecast", e.forecast.prediction.as_of) for e in report.entries]
    failed = [(f.symbol, f.kind, f.due) for f in report.failures]
    return tuple(MailItem(*item) for item in (*made, *failed))


def _without(report: Report, told: Mapping[MailItem, str]) -> Report:
    entries = tuple(
        e for e in report.entries if MailItem(e.symbol, "forecast", e.forecast.prediction.as_of) not in told
    )
    failures = tuple(f for f in report.failures if MailItem(f.symbol, f.kind, f.due) not in told)
    known = ", ".join(sorted({item.symbol for item in told}))
    note = f"{known}: left out of this mail, because these recipients have been told already"
    return replace(report, entries=entries, failures=failures, notes=(*report.notes, *([note] if told else [])))


def _told(states: Mapping[MailItem, str]) -> Delivery:
    unsure = ", ".join(item.symbol for item, state in states.items() if state in ("SENDING", "UNKNOWN"))
    if unsure:
        return Delivery("unknown", f"whether the mail about {unsure} went out is not known; resend mails it again")
    waiting = ", ".join(item.symbol for item, state in states.items() if state == "PENDING")
    if waiting:
        return Delivery(
            "unknown",
            f"another run has claimed the mail about {waiting} and not sent it yet; if it died, run again in 3 minutes",
        )
    return Delivery(
        "nothing new", "nothing to mail: these recipients have been told already of this session; resend mails it again"
    )


def _send(engine: Engine, made: Claim, report: Report, settings: MailSettings, connect: Connect) -> Delivery:
    try:
        message = compose(report, settings, made.message_id)
        server = _connected(connect)
        mark(engine, made, "SENDING", datetime.now(UTC), content_digest(message))
    except BaseException:
        # Whatever it was: nothing has been sent, and the next run must be free to.
        release(engine, made)
        raise
    try:
        return _dialogue(engine, made, server, message)
    finally:
        _hang_up(server)


def _dialogue(engine: Engine, made: Claim, server: smtplib.SMTP, message: EmailMessage) -> Delivery:
    try:
        refused = _envelope(server, message)
        _content(server, message)
    except NextcloseError:
        release(engine, made)
        raise
    except OSError:
        # The connection broke while the content was on its way: the server may have taken the mail or not.
        mark(engine, made, "UNKNOWN", datetime.now(UTC))
        return Delivery("unknown", f"the mail server broke off; whether {message['Subject']!r} went out is not known")
    mark(engine, made, "SENT", datetime.now(UTC))
    lost = f"; the server refused {', '.join(refused)}" if refused else ""
    return Delivery("sent", f"mailed to {message['To']}: {message['Subject']}{lost}")


def _hang_up(server: smtplib.SMTP) -> None:
    """Take leave; what a server answers to that changes nothing about the mail."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _envelope(server: smtplib.SMTP, message: EmailMessage) -> list[str]:
    """Name sender and recipients; return the recipients that were refused while others were taken.

    Nothing has been sent yet when this fails.
    """
    recipients = [address.addr_spec for address in message["To"].addresses]
    try:
        server.ehlo_or_helo_if_needed()
        _require(server.mail(message["From"].addresses[0].addr_spec))
        answers = {recipient: server.rcpt(recipient) for recipient in recipients}
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError):
        raise Unreachable("notify: the mail server broke off before it was given the mail. It is tried again") from None
    refused = [recipient for recipient, (code, _) in answers.items() if code not in (250, 251)]
    if len(refused) == len(recipients):
        _require(answers[refused[0]])
    return refused


def _content(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        _require(server.data(message.as_bytes(policy=policy.SMTP)))
    except smtplib.SMTPDataError as error:
        _require((error.smtp_code, b""))


def _require(answer: tuple[int, bytes]) -> None:
    """Raise the error that a refusal stands for."""
    code = answer[0]
    if code in (250, 251):
        return
    text = f"notify: the mail server answered {code} and did not take the mail"
    if 400 <= code < 500:
        raise Unreachable(f"{text}. It is tried again")
    raise FixConfiguration(f"{text}. Check sender and recipients in the alerts block")


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
