"""The report as a mail."""

import hashlib
from email.message import EmailMessage
from email.utils import format_datetime

from flows.core.connections import MailSettings
from flows.core.report import Report
from flows.publishers.chart import draw
from flows.publishers.pages import as_html
from flows.publishers.text import as_text
from flows.publishers.words import in_words


def compose(report: Report, settings: MailSettings, message_id: str) -> EmailMessage:
    """Return a mail whose text and HTML say the same, with each forecast's chart inside.

    Args:
        report: What to tell.
        settings: Sender and recipients.
        message_id: The same claim gives the same Message-ID, so that mail readers can drop a double.
    """
    words = in_words(report)
    names = [f"chart{number}.{message_id[1:-1]}" for number in range(len(report.entries))]
    message = EmailMessage()
    message["From"], message["To"] = settings.sender, ", ".join(settings.recipients)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(report.now)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(words))
    message.add_alternative(as_html(words, [f"cid:{name}" for name in names]), subtype="html")
    for name, entry in zip(names, report.entries, strict=True):
        _attach(message, draw(entry.forecast.prediction, "png"), name, entry.symbol)
    return message


def content_digest(message: EmailMessage) -> str:
    """Return a SHA-256 over what a person reads: the subject, the text and the HTML, whatever way they were encoded."""
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    texts = [str(message["Subject"]), *(str(body.get_content()) if body is not None else "" for body in bodies)]
    read = "\n".join(" ".join(text.split()) for text in texts)
    return hashlib.sha256(read.encode()).hexdigest()


def _attach(message: EmailMessage, png: bytes, name: str, symbol: str) -> None:
    html = message.get_body(("html",))
    if not isinstance(html, EmailMessage):
        raise TypeError("a composed mail has an HTML part")
    html.add_related(png, "image", "png", cid=f"<{name}>", filename=f"{symbol}.png", disposition="inline")
