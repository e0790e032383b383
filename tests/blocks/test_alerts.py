"""Tests of the block that automations mail through."""

import asyncio
import socket
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
from prefect_email import EmailServerCredentials
from pydantic import SecretStr

from blocks import MailAlerts, alerts, mail_server
from tests import servers
from tests.operating.site import Post, free_port, post

SECRET = "planted-secret-0123456789"


def notify(port: int, body: str, subject: str | None = None) -> None:
    """Send one mail as an automation does."""
    smtp = EmailServerCredentials(
        smtp_server="127.0.0.1", smtp_port=port, smtp_type="INSECURE", password=SecretStr(SECRET)
    )
    asyncio.run(_notify(smtp, body, subject))


async def _notify(smtp: EmailServerCredentials, body: str, subject: str | None) -> None:
    await smtp.save("smtp-of-alerts", overwrite=True)
    block = MailAlerts(recipients=["a@example.test", "b@example.test"], smtp_block="smtp-of-alerts")
    await block.notify(body, subject)


def the_mail(letters: Post) -> tuple[str, str]:
    """Return the only mail's subject and text."""
    (mail,) = letters.mails
    return str(mail["Subject"]), str(mail.get_content())


def test_a_notification_is_one_mail_without_secrets(prefect: Path) -> None:
    """To all recipients; a password in the text is masked, and a subject of several lines becomes one."""
    assert prefect.exists()
    with post() as letters:
        notify(letters.port, f"the password is {SECRET}, see apikey=abcdefgh\n", "nextclose:\r\nrun\tfailed")
        subject, text = the_mail(letters)
    assert (subject, SECRET in text, "abcdefgh" in text, "***" in text) == ("nextclose: run failed", False, False, True)
    assert str(letters.mails[0]["To"]) == "a@example.test, b@example.test"


def test_without_a_subject_it_says_who_writes(prefect: Path) -> None:
    """The product's name."""
    assert prefect.exists()
    with post() as letters:
        notify(letters.port, "hello")
        assert the_mail(letters) == ("nextclose", "hello\r\n")


def test_a_mail_server_that_is_away_for_a_moment_gets_the_mail(prefect: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It listens again before the last attempt."""
    assert prefect.exists()
    port, letters, waited = free_port(), Post(), list[float]()
    with ExitStack() as stack:

        def wait(seconds: float) -> None:
            waited.append(seconds)
            if seconds == alerts.PAUSES[-1]:
                stack.enter_context(servers.mail_server(letters, port))

        monkeypatch.setattr(alerts, "time", SimpleNamespace(sleep=wait))
        notify(port, "hello")
    assert (the_mail(letters), waited) == (("nextclose", "hello\r\n"), list(alerts.PAUSES))


def test_a_mail_server_that_stays_away_fails_the_automation(prefect: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After as many attempts as are meant, so that Prefect shows it."""
    assert prefect.exists()
    waited: list[float] = []
    monkeypatch.setattr(alerts, "time", SimpleNamespace(sleep=waited.append))
    with pytest.raises(ConnectionRefusedError):
        notify(free_port(), "hello")
    assert waited == list(alerts.PAUSES)


def test_a_mail_server_that_hangs_is_given_up(prefect: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the server's other automations go on."""
    assert prefect.exists()
    monkeypatch.setattr(mail_server, "SMTP_SECONDS", 0.5)
    monkeypatch.setattr(alerts, "time", None)  # Nothing is waited for.
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(OSError, match="timed out"):
        asyncio.run(_given_up(silent.getsockname()[1]))


async def _given_up(port: int) -> None:
    smtp = EmailServerCredentials(smtp_server="127.0.0.1", smtp_port=port, smtp_type="INSECURE")
    await smtp.save("smtp-of-alerts", overwrite=True)
    await MailAlerts(recipients=["a@example.test"], smtp_block="smtp-of-alerts").notify("hello")
