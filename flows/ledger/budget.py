"""How many requests a day has cost."""

import hashlib

from sqlalchemy import Engine, select, update

from flows.core.errors import QuotaSpent
from flows.ledger.bars import insert_new
from flows.ledger.tables import requests

ROOM = 100
"""How many signs the name of an account has in the ledger."""


def _short(account: str) -> str:
    """Return what an account is stored as: a folder of files may have a longer name than there is room for."""
    if len(account) <= ROOM:
        return account
    digest = hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{account[: ROOM - len(digest) - 1]}-{digest}"


def spend_request(engine: Engine, account: str, day: str, limit: int | None, who: str) -> None:
    """Count one request against the day's budget, before it is made.

    Raises:
        QuotaSpent: The day's budget is used up; nothing is counted.
    """
    key = (requests.c.account == _short(account)) & (requests.c.day == day)
    with engine.begin() as connection:
        connection.execute(insert_new(connection, requests).values(account=_short(account), day=day, used=0))
        used = connection.execute(select(requests.c.used).where(key).with_for_update()).scalar_one()
        if limit is not None and used >= limit:
            raise QuotaSpent(
                f"{who}: the {limit} requests that the alpha-vantage block allows on {day} are used up. "
                "Run again tomorrow, or raise daily_requests in the block if your plan has more"
            )
        connection.execute(update(requests).where(key).values(used=used + 1))


def return_request(engine: Engine, account: str, day: str) -> None:
    """Take one request off the day's count, because it never reached the server."""
    key = (requests.c.account == _short(account)) & (requests.c.day == day) & (requests.c.used > 0)
    with engine.begin() as connection:
        connection.execute(update(requests).where(key).values(used=requests.c.used - 1))


def requests_used(engine: Engine, account: str, day: str) -> int:
    """Return how many requests a day has cost so far."""
    query = select(requests.c.used).where((requests.c.account == _short(account)) & (requests.c.day == day))
    with engine.connect() as connection:
        return connection.execute(query).scalar() or 0


def close_budget(engine: Engine, account: str, day: str, limit: int | None) -> None:
    """Count a day's requests as used up, because the vendor says so."""
    if limit is not None:
        key = (requests.c.account == _short(account)) & (requests.c.day == day) & (requests.c.used < limit)
        with engine.begin() as connection:
            connection.execute(insert_new(connection, requests).values(account=_short(account), day=day, used=0))
            connection.execute(update(requests).where(key).values(used=limit))
