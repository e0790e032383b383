"""The doctor's look at the ledger, and at the mails that may be lost."""

from datetime import UTC, datetime

from flows.core.checks import Check, broken
from flows.core.errors import NextcloseError
from flows.ledger.outbox import Told, settle_abandoned, unsure_mails
from flows.ledger.store import open_ledger
from flows.parts import Parts

MEND = "Check LEDGER_URL, which is the ledger block's url, and that its database may be written to"


def check_ledger(parts: Parts) -> list[Check]:
    """Look at the ledger, and at the mails that may be lost."""
    line = next((line for line in parts.lines if line.startswith("ledger: ")), "ledger: ")
    try:
        engine = open_ledger(parts.ledger, parts.origin)
        settle_abandoned(engine, datetime.now(UTC))
        unsure = unsure_mails(engine)
    except NextcloseError as error:
        return [broken("ledger", error, MEND)]
    return [
        Check("ledger", "ok", f"{line.removeprefix('ledger: ')}, tables of the newest version"),
        *map(_check_mail, unsure),
    ]


def _check_mail(told: Told) -> Check:
    return Check(
        "mail",
        "warning",
        f"whether {told.subject!r} of {told.at:%Y-%m-%d %H:%M} UTC went out is not known: the mail server or the run broke off",
        "look into the mailbox; `nextclose forecast SYMBOL --resend` mails it again",
    )
