"""Sending a report at most once, and never silently not at all."""

import smtplib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

from sqlalchemy import Engine

from flows.core.alerts import Alerting, MailForm
from flows.core.connections import MailSettings
from flows.core.errors import NextcloseError, Unreachable
from flows.core.report import Report
from flows.ledger.outbox import (
    ABANDONED,
    Audience,
    Claim,
    MailItem,
    Told,
    begin_sending,
    claim,
    draft,
    mark,
    release,
    settle_abandoned,
    told_of,
    unsure_mails,
)
from flows.publishers.delivery import Delivery, Fate, in_doubt, mailed_again, together, told_already
from flows.publishers.mail import compose, content_digest
from flows.publishers.smtp import Connect, connected, hang_up, name_envelope, send_content

CLAIM_ATTEMPTS = 5
PATIENCE = {"PENDING": ABANDONED.total_seconds() + 1, "SENDING": 10.0}
"""How long what another run is doing is waited for, in seconds."""
CLAIM_SECONDS = 0.2
"""Between two looks at whether another run has sent what it claimed."""


def deliver(
    engine: Engine,
    report: Report,
    settings: MailSettings,
    connect: Connect,
    *,
    resend: bool = False,
    alerting: Alerting | None = None,
) -> Delivery:
    """Mail what these recipients have not been told yet.

    Args:
        engine: The ledger, whose outbox decides.
        report: What there is to tell.
        settings: Who writes to whom.
        connect: Opens an authenticated SMTP connection.
        resend: Mail everything, also what was mailed before.
        alerting: Which forecasts are worth a mail, and whether each symbol has one of its own.

    Raises:
        Unreachable: The mail server did not take the mail; it has certainly not gone out, and can be tried again.
        FixConfiguration: The mail server refuses the sender, a recipient or the password.
    """
    how = alerting or Alerting()
    worthy, quiet = _sifted(report, how)
    mails = [worthy] if how.form is MailForm.DIGEST else _one_each(worthy)
    done, failed = [], None
    for mail in mails:
        try:
            done.append(_deliver(engine, mail, settings, connect, resend=resend))
        except NextcloseError as error:
            # The other mails go out all the same; the task is tried again for this one.
            failed = failed or error
    if failed is not None:
        raise failed
    return together([*done, *quiet])


def _sifted(report: Report, how: Alerting) -> tuple[Report, list[Delivery]]:
    """Return what is worth a mail, and what became of the rest."""
    quiet = [entry for entry in report.entries if not how.calls_for(entry.forecast.prediction)]
    if not quiet:
        return report, []
    whys = dict(
        zip(
            items_of(report.only(tuple(quiet), ())),
            (how.why_not(entry.forecast.prediction) for entry in quiet),
            strict=True,
        )
    )
    why = tuple(f"{item.symbol} is not mailed: {reason}" for item, reason in whys.items())
    fates: dict[MailItem, Fate] = dict.fromkeys(whys, "not alerted")
    told = Delivery("not alerted", "; ".join(why), fates, whys)
    kept = report.only(tuple(entry for entry in report.entries if entry not in quiet), report.failures)
    return replace(kept, notes=(*report.notes, *why)), [told]


def _one_each(report: Report) -> list[Report]:
    return [
        *(report.only((entry,), ()) for entry in report.entries),
        *(report.only((), (failure,)) for failure in report.failures),
    ]


def _deliver(engine: Engine, report: Report, settings: MailSettings, connect: Connect, *, resend: bool) -> Delivery:
    """Mail one report, without what these recipients have been told already."""
    audience = Audience(settings.recipients, report.origin, report.interval)
    for _ in range(CLAIM_ATTEMPTS):
        told = _told_by_now(engine, audience, items_of(report))
        news = report if resend else _without(report, told)
        if not items_of(news):
            return told_already(told, report.run_id)
        unsure = tuple(map(in_doubt, unsure_mails(engine, audience)))
        news = replace(news, notes=(*news.notes, *(mailed_again(told) if resend else ()), *unsure))
        sent = _send(engine, draft(engine, audience, items_of(news), again=resend), news, settings, connect)
        if sent is not None:
            return together([sent, *_left_out({} if resend else told, report.run_id)])
        # Another run has claimed one of these meanwhile: see what is left to tell.
    raise Unreachable("notify: other runs are mailing the same symbols all the time. It can be tried again")


def _told_by_now(engine: Engine, audience: Audience, items: Sequence[MailItem]) -> dict[MailItem, Told]:
    """Return what was told; another run's claim lasts a moment only, unless that run is dead, which shows after a while."""
    began = time.monotonic()
    while True:
        settle_abandoned(engine, datetime.now(UTC))
        told = told_of(engine, audience, items)
        waited = time.monotonic() - began
        if all(waited > PATIENCE.get(one.state, -1.0) for one in told.values()):
            return told
        time.sleep(CLAIM_SECONDS)


def _left_out(told: Mapping[MailItem, Told], run_id: str) -> list[Delivery]:
    return [replace(told_already(told, run_id), state="nothing new")] if told else []


def items_of(report: Report) -> tuple[MailItem, ...]:
    """Return what a mail about this report would tell."""
    made = [(e.symbol, "forecast", e.forecast.prediction.as_of) for e in report.entries]
    failed = [(f.symbol, f.kind, f.due) for f in report.failures]
    return tuple(MailItem.about(*item) for item in (*made, *failed))


def _without(report: Report, told: Mapping[MailItem, Told]) -> Report:
    entries = tuple(
        e for e in report.entries if MailItem(e.symbol, "forecast", e.forecast.prediction.as_of) not in told
    )
    failures = tuple(f for f in report.failures if MailItem.about(f.symbol, f.kind, f.due) not in told)
    known = ", ".join(sorted({item.symbol for item in told}))
    note = f"{known}: left out of this mail, because these recipients have been told already"
    return replace(report, entries=entries, failures=failures, notes=(*report.notes, *([note] if told else [])))


def _send(engine: Engine, made: Claim, report: Report, settings: MailSettings, connect: Connect) -> Delivery | None:
    """Send one mail, or nothing where another run has claimed it: all that takes time comes before the claim."""
    message = compose(report, settings, made.message_id)
    server = connected(connect)
    try:
        clock, said = datetime.now(UTC), content_digest(message)
        if not claim(engine, made, str(message["Subject"]), report.run_id, clock, said):
            return None
        return _dialogue(engine, made, server, message) if begin_sending(engine, made, datetime.now(UTC)) else None
    finally:
        hang_up(server)


def _dialogue(engine: Engine, made: Claim, server: smtplib.SMTP, message: EmailMessage) -> Delivery:
    try:
        refused = name_envelope(server, message)
        send_content(server, message)
    except NextcloseError:
        release(engine, made)
        raise
    except OSError:
        # The connection broke while the content was on its way: the server may have taken the mail or not.
        mark(engine, made, "UNKNOWN", datetime.now(UTC))
        what = f"the mail server broke off; whether {message['Subject']!r} went out is not known"
        return Delivery("unknown", what, dict.fromkeys(made.attempts, "unknown"))
    mark(engine, made, "SENT", datetime.now(UTC))
    lost = f"; the server refused {', '.join(refused)}" if refused else ""
    return Delivery(
        "sent", f"mailed to {message['To']}: {message['Subject']}{lost}", dict.fromkeys(made.attempts, "sent")
    )
