"""What became of a report's mail, for each symbol and in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from flows.ledger.outbox import MailItem, Told

Fate = Literal["unknown", "sent", "not alerted", "nothing new"]
"""What became of the mail about a symbol."""
IMPORTANCE: tuple[Fate, ...] = ("unknown", "sent", "not alerted", "nothing new")
"""The first of these that became of anything is what became of the whole."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a report's mail, or mails."""

    state: Fate
    message: str
    fates: Mapping[MailItem, Fate] = field(default_factory=dict)
    whys: Mapping[MailItem, str] = field(default_factory=dict)
    """Why a forecast was not mailed, where there was a condition for it."""


def together(deliveries: Sequence[Delivery]) -> Delivery:
    """Return what became of all of them."""
    told = [one for one in deliveries if one.message]
    state: Fate = min((one.state for one in told), key=IMPORTANCE.index, default="nothing new")
    fates = {item: fate for one in told for item, fate in one.fates.items()}
    whys = {item: why for one in told for item, why in one.whys.items()}
    return Delivery(state, "; ".join(one.message for one in told) or "there is nothing to mail", fates, whys)


def told_already(told: Mapping[MailItem, Told], run_id: str) -> Delivery:
    """Return what became of items that a mail is about already; this run may have sent it before it was interrupted."""
    fates: dict[MailItem, Fate] = {item: _fate(one, run_id) for item, one in told.items()}
    state: Fate = min(fates.values(), key=IMPORTANCE.index, default="nothing new")
    words: dict[Fate, str] = {
        "unknown": "whether the mail about {} went out is not known; resend mails it again",
        "nothing new": "these recipients have been told of {} already; resend mails it again",
        "sent": "mailed by this run, before it was interrupted: {}",
    }
    said = [
        sentence.format(_listed((item.symbol, told[item]) for item, fate in fates.items() if fate == name))
        for name, sentence in words.items()
        if name in fates.values()
    ]
    return Delivery(state, "; ".join(said), fates)


def _fate(told: Told, run_id: str) -> Fate:
    if told.state == "SENT":
        return "sent" if told.run_id == run_id else "nothing new"
    return "unknown"


def _listed(mails: Iterable[tuple[str, Told]]) -> str:
    return ", ".join(f"{symbol} (at {told.at:%Y-%m-%d %H:%M} UTC)" for symbol, told in mails)


def in_doubt(told: Told) -> str:
    """Say that nobody knows whether a mail went out."""
    return (
        f"whether an earlier mail went out is not known, because the mail server or the run broke off in the middle: "
        f"{told.subject!r}, {told.at:%Y-%m-%d %H:%M} UTC. It is not sent again by itself; `--resend` mails it again"
    )


def mailed_again(told: Mapping[MailItem, Told]) -> tuple[str, ...]:
    """Say when these recipients had been told before."""
    sent = [(item.symbol, one) for item, one in told.items() if one.state == "SENT"]
    return (f"mailed before, and again because that was asked for: {_listed(sent)}",) if sent else ()
