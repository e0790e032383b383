"""Whether mails still say what was sent, and what stands on record."""

import re
from collections.abc import Iterable, Iterator, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flows.core.issued import Issued
from flows.core.proof import Finding
from flows.core.report import money
from flows.publishers.mail import content_digest
from flows.publishers.words import DASH, PROOF

_LABELS = ("Symbol", "Forecast", "80 % interval", "95 % interval", PROOF)
_FACT = re.compile(rf"^({'|'.join(map(re.escape, _LABELS))}): +(.*)$")
_SHA = re.compile(r"SHA-256 ([0-9a-f]{64})")


def check_mails(
    files: Iterable[Path], recorded: Mapping[str, Issued], sent: Mapping[str, str | None]
) -> Iterator[Finding]:
    """Find mails that say something else than the record, or than what was sent.

    Args:
        files: Mails as files.
        recorded: Forecasts by the hash of their record.
        sent: For each Message-ID that the outbox knows, the digest of what was sent; None where it was not kept.
    """
    for file in files:
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        try:
            numbers, digest = list(_wrong_numbers(file, mail, recorded)), content_digest(mail)
        except (LookupError, ValueError, TypeError) as error:
            yield Finding("mail", "", f"{file.name} cannot be read as a mail ({type(error).__name__})")
            continue
        yield from numbers
        message_id = str(mail["Message-ID"] or "").strip()
        if message_id not in sent:
            yield Finding("mail", "", f"{file.name} is none of the mails that this ledger has sent")
        elif not numbers and sent[message_id] not in (None, digest):
            yield Finding("mail", "", f"{file.name}: its subject, text or HTML is not what was sent")


def _wrong_numbers(file: Path, mail: EmailMessage, recorded: Mapping[str, Issued]) -> Iterator[Finding]:
    for section in _sections(mail):
        found = _SHA.search(section.get(PROOF, ""))
        issued = recorded.get(found[1]) if found else None
        if found and issued is None:
            what = f"{file.name} names the record {found[1]}, which is neither on the topic nor in the ledger"
            yield Finding("mail", section.get("Symbol", ""), what)
        for label, expected in _said(issued).items() if issued else ():
            if not section.get(label, "").startswith(expected):
                what = f"{file.name} says {label} {section.get(label, 'nothing')}, the record {expected}"
                yield Finding("mail", issued.name if issued else "", what)


def _said(issued: Issued) -> dict[str, str]:
    """Return what a mail about this forecast says, up to where a value goes on in words."""
    scale = issued.naive
    return {
        "Symbol": f"{issued.symbol}, {issued.interval} bars",
        "Forecast": f"{money(issued.point, scale)} (",
        "80 % interval": f"{money(issued.lower80, scale)} {DASH} {money(issued.upper80, scale)}",
        "95 % interval": f"{money(issued.lower95, scale)} {DASH} {money(issued.upper95, scale)}",
    }


def _sections(mail: EmailMessage) -> list[dict[str, str]]:
    """Return the facts of each symbol in a mail's text."""
    body = mail.get_body(("plain",))
    sections: list[dict[str, str]] = []
    for line in str(body.get_content()).splitlines() if body is not None else ():
        found = _FACT.match(line)
        if found and found[1] == "Symbol":
            sections.append({})
        if found and sections:
            sections[-1][found[1]] = found[2].strip()
    return sections
