"""A report to be mailed, a fresh ledger, and mail servers that say what they are told."""

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from sqlalchemy import Engine, text

from flows.core.bars import Interval, Origin
from flows.core.connections import MailSettings
from flows.core.forecast import SymbolFailure
from flows.core.report import Report
from flows.ledger.outbox import Audience, MailItem
from tests.core.examples import NOW

SETTINGS = MailSettings("nextclose@localhost", ("you@localhost",))
FAILURE = SymbolFailure("IBM", "fetch", "quota", "IBM, fetch: no requests left", "2026-11-20", "QuotaSpent")
ITEM = MailItem("IBM", "quota", "2026-11-20")
AUDIENCE = Audience(SETTINGS.recipients, Origin.CUSTOM, Interval.DAILY)
HELLO = (b"220 hi", b"250 hi", b"250 ok", b"250 ok")
REPORT = Report(Origin.CUSTOM, Interval.DAILY, NOW, "run", (), (), (FAILURE,))


def to(port: int) -> Callable[[], smtplib.SMTP]:
    """Return a way to connect to a server on this machine."""
    return lambda: smtplib.SMTP("127.0.0.1", port)


@contextmanager
def script(*lines: bytes) -> Iterator[int]:
    """Run a mail server that says these lines, one for each line it hears, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_say, args=(listener, lines), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def _say(listener: socket.socket, lines: tuple[bytes, ...]) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as heard:
        for number, line in enumerate(lines):
            if number:
                heard.readline()
            connection.sendall(line + b"\r\n")
        heard.readline()


def state(engine: Engine) -> list[str]:
    """Return the states of all mails in the outbox."""
    with engine.connect() as connection:
        return [row.state for row in connection.execute(text("SELECT state FROM outbox"))]
