"""The doctor's look at the mail server: a dialogue up to the mail itself, which is not sent."""

import smtplib
from functools import partial

from blocks.mail_server import connect
from flows.core.checks import Check, broken
from flows.core.errors import NextcloseError
from flows.parts import Parts
from flows.publishers.smtp import connected, hang_up

TAKEN = (250, 251)


def check_mail(parts: Parts) -> list[Check]:
    """Connect, log in, name sender and recipients, and take leave."""
    line = next((line for line in parts.lines if line.startswith("mail: ")), "mail: ").removeprefix("mail: ")
    if "as files in" in line:
        mend = "To have them sent, name SMTP_HOST, MAIL_FROM, MAIL_TO and run nextclose configure"
        return [Check("mail", "warning", line, mend)]
    try:
        server = connected(partial(connect, parts.smtp))
    except NextcloseError as error:
        return [broken("mail server", error, _mend())]
    try:
        refused = _refused(server, parts)
    except (smtplib.SMTPException, OSError) as error:
        return [Check("mail server", "broken", f"{line}: broke off ({type(error).__name__})", _mend())]
    finally:
        hang_up(server)
    if refused:
        mend = "Check sender and recipients in the alerts block (MAIL_FROM, MAIL_TO), and what the server lets you send"
        return [Check("mail server", "broken", f"{line}: does not take {', '.join(refused)}", mend)]
    return [Check("mail server", "ok", f"{line}: takes sender and recipients; nothing was sent")]


def _refused(server: smtplib.SMTP, parts: Parts) -> list[str]:
    """Return whom the server does not take: the sender, or some recipients."""
    server.ehlo_or_helo_if_needed()
    if server.mail(parts.mail.sender)[0] not in TAKEN:
        return [f"the sender {parts.mail.sender}"]
    refused = [address for address in parts.mail.recipients if server.rcpt(address)[0] not in TAKEN]
    server.rset()
    return refused


def _mend() -> str:
    return "Check the smtp block: SMTP_HOST, SMTP_PORT, SMTP_TYPE (SSL, STARTTLS or INSECURE), SMTP_USERNAME, SMTP_PASSWORD"
