"""A mail server inside this process that writes each mail to a file."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class _Writer:
    """Takes aiosmtpd's finished dialogues."""

    def __init__(self, folder: Path) -> None:
        """Write into `folder`."""
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Write one mail and accept it."""
        content = envelope.original_content or b""
        path = _free(self.folder / _name(content))
        partial = path.with_suffix(".partial")
        partial.write_bytes(content)
        partial.replace(path)
        return "250 kept"


def _name(content: bytes) -> str:
    mail = message_from_bytes(content, policy=policy.default)
    day = parsedate_to_datetime(mail["Date"]).date().isoformat() if mail["Date"] else "undated"
    words = re.sub(r"[^a-z0-9.]+", "-", str(mail["Subject"] or "").lower()).strip("-")[:50]
    return f"{day}-{words}.eml"


def _free(path: Path) -> Path:
    """Return a path that is not taken: a mail that came twice must be seen twice."""
    candidates = (path.with_stem(f"{path.stem}-{number}") for number in range(2, 10_000))
    return path if not path.exists() else next(other for other in candidates if not other.exists())


@contextmanager
def mailbox(folder: Path) -> Iterator[int]:
    """Run a mail server on a free loopback port, which is handed out; mails go to `folder` as ``.eml`` files."""
    folder.mkdir(parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="nextclose-mailbox", daemon=True)
    thread.start()
    start = loop.create_server(lambda: SMTP(_Writer(folder), hostname="localhost", loop=loop), HOST, 0)
    server = asyncio.run_coroutine_threadsafe(start, loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
    current = asyncio.current_task()
    for task in [task for task in asyncio.all_tasks() if task is not current]:
        task.cancel()
    await asyncio.sleep(0)
