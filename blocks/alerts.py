"""Who is told: the sender, the recipients, and the mail server between them."""

import asyncio
import re
import smtplib
import time
from email.message import EmailMessage
from email.utils import localtime, make_msgid

from prefect.blocks.abstract import NotificationBlock
from prefect_email import EmailServerCredentials
from pydantic import ConfigDict, Field, HttpUrl, field_validator

from blocks.mail_server import connect
from flows.core.connections import MailSettings
from flows.core.redaction import redact
from flows.core.stamps import is_zone

PAUSES = (3.0, 15.0)
"""Seconds before an alert's second and third attempt."""
ADDRESS = re.compile(r"[^\x00-\x20\x7f-\U0010ffff,;:<>()@]+@[A-Za-z0-9.-]+")


class MailAlerts(NotificationBlock):
    """Who gets the forecasts by mail; automations can notify through it too.

    Example:
        Load a stored block:
        ```python
        from blocks import MailAlerts
        alerts = MailAlerts.load("BLOCK_NAME")
        await alerts.notify("The worker is gone.", subject="nextclose")
        ```
    """

    # What was refused may be a secret in the wrong place.
    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "Mail Alerts"
    _block_type_slug = "mail-alerts"
    _documentation_url = HttpUrl("https://docs.prefect.io/integrations/prefect-email")
    _description = "Who gets the forecasts by mail; automations can notify through it too."

    recipients: list[str] = Field(min_length=1, description="The mail addresses that forecasts go to.")
    sender: str = Field(default="nextclose@localhost", description="The mail address that forecasts come from.")
    timezone: str = Field(
        default="Africa/Casablanca",
        title="Reader's time zone",
        description="Closing times are given on this clock too, such as Europe/Paris.",
    )
    smtp_block: str = Field(
        default="smtp",
        title="SMTP block",
        description="The name of the Email Server Credentials block that sends.",
    )

    @field_validator("recipients", "sender")
    @classmethod
    def _addresses(cls, value: list[str] | str) -> list[str] | str:
        """Refuse what no mail server takes, before a mail is lost to it."""
        for address in [value] if isinstance(value, str) else value:
            if not ADDRESS.fullmatch(address):
                raise ValueError(f"{address[:60]!r} is no mail address, such as you@example.org")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        """Refuse a time zone that nobody knows."""
        if not is_zone(value):
            raise ValueError(f"{value[:60]!r} is no time zone, such as Europe/Paris")
        return value

    def settings(self) -> MailSettings:
        """Return the plain configuration that mails are made with."""
        return MailSettings(self.sender, tuple(self.recipients), self.timezone)

    async def notify(self, body: str, subject: str | None = None) -> None:
        """Send one plain mail.

        Args:
            body: The mail's text.
            subject: Its subject; "nextclose" where none is given.
        """
        server = await EmailServerCredentials.aload(self.smtp_block)
        secrets = [server.password.get_secret_value()] if server.password else []
        told = [redact(text, secrets) for text in (body, subject or "nextclose")]
        await asyncio.to_thread(self._send, server, *told)

    def _send(self, server: EmailServerCredentials, body: str, subject: str) -> None:
        message = EmailMessage()
        message["From"], message["To"] = self.sender, ", ".join(self.recipients)
        # A run's name may have anything in it, and a header no line break.
        message["Subject"] = " ".join(subject.split())
        message["Date"], message["Message-ID"] = localtime(), make_msgid(domain="nextclose.invalid")
        message.set_content(body)
        with self._connected(server) as smtp:
            smtp.send_message(message)

    def _connected(self, server: EmailServerCredentials) -> smtplib.SMTP:
        """Connect, again after a while where nobody listens, for nobody else tries again.

        A server that hangs is given up at once: Prefect sees to one action at a time, and others wait.
        """
        for pause in PAUSES:
            try:
                return connect(server)
            except ConnectionRefusedError:
                time.sleep(pause)
        return connect(server)
