"""A mail server that keeps what it takes, and behaves badly on some days."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Mood = Literal["well", "busy once", "hangs up after taking", "hangs up before taking"]


class Post:
    """What it took, and how it behaves next."""

    def __init__(self) -> None:
        """Begin well."""
        self.mood: Mood = "well"
        self.mails: list[EmailMessage] = []
        self.lost = 0
        """Mails during whose content the connection broke."""

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Take a mail, or do something else once."""
        mood, self.mood = self.mood, "well"
        if mood == "busy once":
            return "451 try again later"
        if mood != "hangs up before taking":
            content = envelope.content
            assert isinstance(content, bytes)
            self.mails.append(message_from_bytes(content, policy=policy.default))
        if mood != "well":
            self.lost += 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 kept"


@contextmanager
def post() -> Iterator[tuple[Post, int]]:
    """Run the server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    office = Post()
    controller = Controller(office, hostname="127.0.0.1", port=port, data_size_limit=2**26)
    controller.start()
    try:
        yield office, port
    finally:
        controller.stop()
