"""The dialogue with a mail server, in which every step is known to have happened or not."""

import re
import smtplib
from collections.abc import Callable
from email import policy
from email.message import EmailMessage

from flows.core.errors import FixConfiguration, Unreachable

DATA_WANTED = 354
BROKE_OFF = "notify: the mail server broke off before it was given the mail. It can be tried again"
_DOTS = re.compile(rb"^\.", re.MULTILINE)
"""What would end a mail early, were it not doubled: RFC 5321, section 4.5.2."""

Connect = Callable[[], smtplib.SMTP]
"""Opens a connection on which each answer has a time-out."""


def hang_up(server: smtplib.SMTP) -> None:
    """Take leave; what a server answers to that changes nothing about the mail."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def name_envelope(server: smtplib.SMTP, message: EmailMessage) -> list[str]:
    """Name sender and recipients; return the recipients that were refused while others were taken.

    Nothing has been sent yet when this fails.
    """
    recipients = [address.addr_spec for address in message["To"].addresses]
    try:
        server.ehlo_or_helo_if_needed()
        _require(server.mail(message["From"].addresses[0].addr_spec))
        answers = {recipient: server.rcpt(recipient) for recipient in recipients}
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError):
        raise Unreachable(BROKE_OFF) from None
    refused = [recipient for recipient, (code, _) in answers.items() if code not in (250, 251)]
    if len(refused) == len(recipients):
        _require(answers[refused[0]])
    return refused


def send_content(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Give the server the mail.

    Raises:
        Unreachable: The mail has certainly not gone out: the server broke off before it asked for it, or refused it for now.
        FixConfiguration: The server refused it for good.
        OSError: The connection broke while the content was on its way: nobody knows.
    """
    content = _DOTS.sub(b"..", message.as_bytes(policy=policy.SMTP))
    try:
        code, _ = server.docmd("data")
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError):
        raise Unreachable(BROKE_OFF) from None
    if code != DATA_WANTED:
        _require((code, b""))
    end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    server.send(content + end)
    _require(server.getreply())


def _require(answer: tuple[int, bytes]) -> None:
    """Raise the error that a refusal stands for."""
    code = answer[0]
    if code in (250, 251):
        return
    text = f"notify: the mail server answered {code} and did not take the mail"
    if 400 <= code < 500:
        raise Unreachable(f"{text}. It can be tried again")
    raise FixConfiguration(f"{text}. Check sender and recipients in the alerts block")


def connected(connect: Connect) -> smtplib.SMTP:
    """Open a connection; raise Unreachable or FixConfiguration where there is none to be had."""
    try:
        return connect()
    except smtplib.SMTPAuthenticationError:
        raise FixConfiguration(
            "notify: the mail server refuses the user name or the password. Check the smtp block"
        ) from None
    except UnicodeEncodeError:
        raise FixConfiguration(
            "notify: the user name or the password for the mail server has a sign that is not in ASCII, and a login takes "
            "no other. Change it there, and in the smtp block"
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(
            f"notify: the mail server cannot be reached ({type(error).__name__}). It can be tried again; "
            "check host, port and type in the smtp block"
        ) from None
