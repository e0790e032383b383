"""Which mails went out: each symbol's forecast is claimed before it is mailed, so that nobody mails it twice."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from flows.core.bars import Interval, Origin
from flows.ledger.tables import outbox, outbox_items
from flows.ledger.turns import take_turn

LONGEST_ADDRESS = 1500
LONGEST_SYMBOL = 30
"""No symbol is longer; PostgreSQL refuses text that a column has no room for."""
State = Literal["PENDING", "SENDING", "SENT", "UNKNOWN"]


class MailItem(NamedTuple):
    """What a mail tells of one symbol: a forecast made after a session, or a kind of failure of the session due."""

    symbol: str
    kind: str
    """``forecast``, or the failure's kind."""
    session: str

    @classmethod
    def about(cls, symbol: str, kind: str, session: str) -> "MailItem":
        """Return an item about what may be no symbol at all, but a text of any length on somebody's watchlist."""
        return cls(symbol[:LONGEST_SYMBOL], kind, session)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a mail is for, and which data it speaks of."""

    recipients: tuple[str, ...]
    origin: Origin
    interval: Interval

    @property
    def address(self) -> str:
        """The recipients as one text, whatever order they were given in; of many, a digest."""
        text = ",".join(sorted(recipient.strip().lower() for recipient in self.recipients))
        # It is part of a key, which PostgreSQL keeps short.
        return text if len(text) <= LONGEST_ADDRESS else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class Told(NamedTuple):
    """The newest mail about an item: how far it came, of which run, and when that was."""

    state: State
    run_id: str
    at: datetime
    subject: str


ABANDONED = timedelta(seconds=30)
"""Between claiming and sending a run does nothing else: a claim that is older is a dead run's."""
LONGEST_DIALOGUE = timedelta(minutes=5)
"""Every answer of a mail server is waited for 20 seconds; a dialogue that lasts longer than this is a dead run's."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one mail about these items; each with the number of its attempt, from 0 on."""

    audience: Audience
    attempts: Mapping[MailItem, int]

    @property
    def key(self) -> str:
        """A SHA-256 over whom the mail is for and what it tells, in hexadecimal."""
        told = sorted(f"{item.symbol}/{item.kind}/{item.session}/{n}" for item, n in self.attempts.items())
        to = self.audience
        return hashlib.sha256("|".join((to.address, to.origin, to.interval, *told)).encode()).hexdigest()

    @property
    def message_id(self) -> str:
        """The mail's Message-ID, the same for the same claim."""
        return f"<{self.key[:32]}@nextclose.invalid>"


def settle_abandoned(engine: Engine, clock: datetime) -> None:
    """Settle the claims of runs that ended without a word.

    What was not being sent yet has certainly not gone out, and is free again; of what was, nobody knows. A claim from the
    future is abandoned too: the clock has been set back since.
    """
    dead = select(outbox.c.key).where(outbox.c.state == "PENDING", _older(clock, ABANDONED)).with_for_update()
    lost = (outbox.c.state == "SENDING") & _older(clock, LONGEST_DIALOGUE)
    with engine.begin() as connection:
        keys = [row.key for row in connection.execute(dead)]
        connection.execute(delete(outbox_items).where(outbox_items.c.key.in_(keys)))
        connection.execute(delete(outbox).where(outbox.c.key.in_(keys)))
        # From now on it is in doubt, so that the next mail says so, whatever was mailed meanwhile.
        connection.execute(update(outbox).where(lost).values(state="UNKNOWN", changed_at=clock))


def _older(clock: datetime, age: timedelta) -> ColumnElement[bool]:
    return (outbox.c.changed_at < clock - age) | (outbox.c.changed_at > clock + age)


def told_of(engine: Engine, audience: Audience, items: Sequence[MailItem]) -> dict[MailItem, Told]:
    """Return the newest mail about each item; items that no mail is about are left out."""
    query = (
        select(outbox_items, *(outbox.c[name] for name in ("state", "run_id", "changed_at", "subject")))
        .join(outbox, outbox.c.key == outbox_items.c.key)
        .where(*_addressed(audience))
        .order_by(outbox_items.c.attempt)
    )
    with engine.connect() as connection:
        found = {
            MailItem(row.symbol, row.kind, row.session): Told(row.state, row.run_id, row.changed_at, row.subject)
            for row in connection.execute(query)
        }
    return {item: found[item] for item in items if item in found}


def unsure_mails(engine: Engine, audience: Audience | None = None) -> list[Told]:
    """Return the mails that may have gone out or not, oldest first; those to an audience since its last mail that did."""
    chosen = [] if audience is None else [outbox.c.recipients == audience.address, outbox.c.origin == audience.origin]
    last = select(func.max(outbox.c.changed_at)).where(*chosen, outbox.c.state == "SENT")
    with engine.connect() as connection:
        since = None if audience is None else connection.execute(last).scalar()
        later = [] if since is None else [outbox.c.changed_at > since]
        query = select(outbox.c.state, outbox.c.run_id, outbox.c.changed_at, outbox.c.subject)
        unknown = query.where(*chosen, *later, outbox.c.state == "UNKNOWN").order_by(outbox.c.changed_at)
        return [Told(*row) for row in connection.execute(unknown)]


def draft(engine: Engine, audience: Audience, items: Sequence[MailItem], *, again: bool) -> Claim:
    """Return what would have to be claimed to mail these items; with `again` as their next attempt."""
    with engine.connect() as connection:
        return Claim(audience, {item: _next_attempt(connection, audience, item) if again else 0 for item in items})


def claim(engine: Engine, made: Claim, subject: str, run_id: str, now: datetime, content: str) -> bool:
    """Claim a mail, and keep the digest of what it says; say whether no other run has claimed any of it meanwhile."""
    to = made.audience
    row = {"key": made.key, "recipients": to.address, "origin": to.origin, "interval": to.interval}
    more = {"message_id": made.message_id, "subject": subject, "run_id": run_id, "content": content}
    rows = [{**row, **item._asdict(), "attempt": attempt} for item, attempt in made.attempts.items()]
    try:
        with engine.begin() as connection:
            take_turn(connection, "outbox", to.address)
            connection.execute(insert(outbox).values(**row, **more, state="PENDING", changed_at=now))
            connection.execute(insert(outbox_items), rows)
    except IntegrityError:
        return False
    return True


def begin_sending(engine: Engine, made: Claim, now: datetime) -> bool:
    """Write down that the mail may go out from now on; say whether the claim is still ours to use."""
    ours = (outbox.c.key == made.key) & (outbox.c.state == "PENDING")
    with engine.begin() as connection:
        return connection.execute(update(outbox).where(ours).values(state="SENDING", changed_at=now)).rowcount == 1


def mark(engine: Engine, made: Claim, state: State, now: datetime) -> None:
    """Write down how far a mail has come."""
    with engine.begin() as connection:
        connection.execute(update(outbox).where(outbox.c.key == made.key).values(state=state, changed_at=now))


def mails_sent(engine: Engine) -> dict[str, tuple[State, str | None]]:
    """Return for each mail's Message-ID how far it came, and the digest of what it said."""
    query = select(outbox.c.message_id, outbox.c.state, outbox.c.content)
    with engine.connect() as connection:
        return {row.message_id: (row.state, row.content) for row in connection.execute(query)}


def release(engine: Engine, made: Claim) -> None:
    """Give a claim back: the mail has certainly not gone out."""
    with engine.begin() as connection:
        connection.execute(delete(outbox_items).where(outbox_items.c.key == made.key))
        connection.execute(delete(outbox).where(outbox.c.key == made.key))


def _next_attempt(connection: Connection, audience: Audience, item: MailItem) -> int:
    columns = (outbox_items.c.symbol, outbox_items.c.kind, outbox_items.c.session)
    same = [column == value for column, value in zip(columns, item, strict=True)]
    query = select(func.max(outbox_items.c.attempt)).where(*_addressed(audience), *same)
    latest = connection.execute(query).scalar()
    return 0 if latest is None else int(latest) + 1


def _addressed(audience: Audience) -> tuple[ColumnElement[bool], ...]:
    return (
        outbox_items.c.recipients == audience.address,
        outbox_items.c.origin == audience.origin,
        outbox_items.c.interval == audience.interval,
    )
