"""Which mails went out: each symbol's forecast is claimed before it is mailed, so that nobody mails it twice."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from flows.core.bars import Interval, Origin
from flows.ledger.tables import outbox, outbox_items

State = Literal["PENDING", "SENDING", "SENT", "UNKNOWN"]


class MailItem(NamedTuple):
    """What a mail tells of one symbol: a forecast made after a session, or a kind of failure of the session due."""

    symbol: str
    kind: str
    """``forecast``, or the failure's kind."""
    session: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a mail is for, and which data it speaks of."""

    recipients: tuple[str, ...]
    origin: Origin
    interval: Interval

    @property
    def address(self) -> str:
        """The recipients as one text, whatever order they were given in."""
        return ",".join(sorted(recipient.strip().lower() for recipient in self.recipients))


ABANDONED = timedelta(minutes=3)
"""A claim stays PENDING while a mail is composed and a connection opened, which have shorter time-outs together."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one mail about these items."""

    key: str
    items: tuple[MailItem, ...]

    @property
    def message_id(self) -> str:
        """The mail's Message-ID, the same for the same claim."""
        return f"<{self.key[:32]}@nextclose.invalid>"


def drop_abandoned(engine: Engine, clock: datetime) -> None:
    """Free the claims of runs that ended before they began to send: their mails have certainly not gone out."""
    dead = select(outbox.c.key).where(outbox.c.state == "PENDING", outbox.c.changed_at < clock - ABANDONED)
    with engine.begin() as connection:
        keys = [row.key for row in connection.execute(dead)]
        connection.execute(delete(outbox_items).where(outbox_items.c.key.in_(keys)))
        connection.execute(delete(outbox).where(outbox.c.key.in_(keys)))


def states_of(engine: Engine, audience: Audience, items: Sequence[MailItem]) -> dict[MailItem, State]:
    """Return the state of the newest mail about each item; items that no mail is about are left out."""
    query = (
        select(outbox_items.c.symbol, outbox_items.c.kind, outbox_items.c.session, outbox.c.state)
        .join(outbox, outbox.c.key == outbox_items.c.key)
        .where(*_addressed(audience))
        .order_by(outbox_items.c.attempt)
    )
    with engine.connect() as connection:
        found = {MailItem(*row[:3]): row[3] for row in connection.execute(query)}
    return {item: found[item] for item in items if item in found}


def claim(
    engine: Engine,
    audience: Audience,
    items: Sequence[MailItem],
    subject: str,
    run_id: str,
    now: datetime,
    *,
    again: bool,
) -> Claim | None:
    """Claim a mail about `items`, or return None if another run has claimed one of them meanwhile.

    With `again`, items that were mailed before are claimed anew, as their next attempt.
    """
    try:
        with engine.begin() as connection:
            attempts = {item: _next_attempt(connection, audience, item) if again else 0 for item in items}
            made = Claim(_key(audience, attempts), tuple(items))
            row = {
                "key": made.key,
                "recipients": audience.address,
                "origin": audience.origin,
                "interval": audience.interval,
            }
            more = {"state": "PENDING", "message_id": made.message_id, "subject": subject, "run_id": run_id}
            connection.execute(insert(outbox).values(**row, **more, changed_at=now))
            rows = [{**row, **item._asdict(), "attempt": attempt} for item, attempt in attempts.items()]
            connection.execute(insert(outbox_items), rows)
    except IntegrityError:
        return None
    return made


def mark(engine: Engine, made: Claim, state: State, now: datetime, content: str | None = None) -> None:
    """Write down how far a mail has come, and the digest of what it says once that is known."""
    values = {"state": state, "changed_at": now, **({} if content is None else {"content": content})}
    with engine.begin() as connection:
        connection.execute(update(outbox).where(outbox.c.key == made.key).values(**values))


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


def _key(audience: Audience, attempts: dict[MailItem, int]) -> str:
    items = sorted(f"{item.symbol}/{item.kind}/{item.session}/{attempt}" for item, attempt in attempts.items())
    return hashlib.sha256("|".join((audience.address, audience.origin, audience.interval, *items)).encode()).hexdigest()
