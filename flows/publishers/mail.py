"""The report as a mail."""

import hashlib
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

from flows.core.connections import MailSettings
from flows.core.report import Report
from flows.publishers.chart import draw
from flows.publishers.pages import as_html
from flows.publishers.record_chart import draw_record
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
    pictures = _pictures(report, message_id[1:-1])
    charts = [f"cid:{one.name}" for one in pictures[0]]
    records = [f"cid:{one.name}" if one else None for one in pictures[1]]
    message = EmailMessage()
    message["From"], message["To"] = settings.sender, ", ".join(settings.recipients)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(report.now)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(words))
    message.add_alternative(as_html(words, charts, records), subtype="html")
    for picture in (*pictures[0], *pictures[1]):
        if picture is not None:
            _attach(message, picture)
    return message


class _Picture(NamedTuple):
    """An image inside a mail."""

    name: str
    """Its Content-ID, without brackets."""
    file: str
    png: bytes


def _pictures(report: Report, unique: str) -> tuple[list[_Picture], list[_Picture | None]]:
    """Return each forecast's chart, and that of its track record where there is something to draw."""
    charts: list[_Picture] = []
    records: list[_Picture | None] = []
    for number, entry in enumerate(report.entries):
        p = entry.forecast.prediction
        charts.append(_Picture(f"chart{number}.{unique}", f"{p.symbol}.png", draw(p, "png")))
        png = draw_record(entry.record.recent, p, "png")
        records.append(_Picture(f"record{number}.{unique}", f"{p.symbol}-record.png", png) if png else None)
    return charts, records


def content_digest(message: EmailMessage) -> str:
    """Return a SHA-256 over what a person reads: the subject, the text and the HTML, whatever way they were encoded."""
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    texts = [str(message["Subject"]), *(str(body.get_content()) if body is not None else "" for body in bodies)]
    read = "\n".join(" ".join(text.split()) for text in texts)
    return hashlib.sha256(read.encode()).hexdigest()


def _attach(message: EmailMessage, picture: _Picture) -> None:
    html = message.get_body(("html",))
    if not isinstance(html, EmailMessage):
        raise TypeError("a composed mail has an HTML part")
    html.add_related(picture.png, "image", "png", cid=f"<{picture.name}>", filename=picture.file, disposition="inline")
