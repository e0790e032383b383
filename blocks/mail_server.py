"""The way to a mail server, for everybody who mails."""

import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from prefect_email import EmailServerCredentials

SMTP_SECONDS = 20.0
"""How long a server may take for each answer."""


def connect(server: EmailServerCredentials) -> smtplib.SMTP:
    """Open a connection to a mail server and log in; each step has SMTP_SECONDS.

    Raises:
        smtplib.SMTPException: The server refuses the connection or the login.
        OSError: It cannot be reached, or does not answer in time.
    """
    with _default_timeout(SMTP_SECONDS):
        opened: smtplib.SMTP = server.get_server()
    return opened


@contextmanager
def _default_timeout(seconds: float) -> Iterator[None]:
    """Give new sockets a time-out: prefect-email's get_server() takes none."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
