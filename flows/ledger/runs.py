"""How runs ended, and how many requests a day has cost."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, func, select, update

from flows.core.bars import Interval, Origin
from flows.core.errors import QuotaSpent
from flows.ledger.bars import insert_new
from flows.ledger.tables import outcomes, requests, runs


class Outcome(NamedTuple):
    """How one run ended for one symbol."""

    symbol: str
    origin: Origin
    interval: Interval
    due: str
    outcome: str
    """``forecast``, ``evaluated``, or the failure's kind."""
    step: str | None = None
    reason: str | None = None
    forecast_id: str | None = None


def keep_run(
    engine: Engine, run_id: str, flow: str, now: datetime, outcome: str, message: str, symbols: Sequence[Outcome]
) -> None:
    """Store how a run ended, and how it ended for each symbol; a second call changes nothing."""
    with engine.begin() as connection:
        row = {"run_id": run_id, "flow": flow, "now": now, "outcome": outcome, "message": message}
        connection.execute(insert_new(connection, runs), row)
        if symbols:
            rows = [{"run_id": run_id, **item._asdict()} for item in symbols]
            connection.execute(insert_new(connection, outcomes), rows)


def spend_request(engine: Engine, account: str, day: str, limit: int | None, who: str) -> None:
    """Count one request against the day's budget, before it is made.

    Raises:
        QuotaSpent: The day's budget is used up; nothing is counted.
    """
    key = (requests.c.account == account) & (requests.c.day == day)
    with engine.begin() as connection:
        connection.execute(insert_new(connection, requests).values(account=account, day=day, used=0))
        used = connection.execute(select(requests.c.used).where(key).with_for_update()).scalar_one()
        if limit is not None and used >= limit:
            raise QuotaSpent(
                f"{who}: the {limit} requests that the alpha-vantage block allows on {day} are used up. "
                "Run again tomorrow, or raise daily_requests in the block if your plan has more"
            )
        connection.execute(update(requests).where(key).values(used=used + 1))


def return_request(engine: Engine, account: str, day: str) -> None:
    """Take one request off the day's count, because it never reached the server."""
    key = (requests.c.account == account) & (requests.c.day == day) & (requests.c.used > 0)
    with engine.begin() as connection:
        connection.execute(update(requests).where(key).values(used=requests.c.used - 1))


def requests_used(engine: Engine, account: str, day: str) -> int:
    """Return how many requests a day has cost so far."""
    query = select(requests.c.used).where((requests.c.account == account) & (requests.c.day == day))
    with engine.connect() as connection:
        return connection.execute(query).scalar() or 0


def close_budget(engine: Engine, account: str, day: str, limit: int | None) -> None:
    """Count a day's requests as used up, because the vendor says so."""
    if limit is not None:
        key = (requests.c.account == account) & (requests.c.day == day) & (requests.c.used < limit)
        with engine.begin() as connection:
            connection.execute(insert_new(connection, requests).values(account=account, day=day, used=0))
            connection.execute(update(requests).where(key).values(used=limit))


def unknown_symbols(engine: Engine, origin: Origin, interval: Interval) -> frozenset[str]:
    """Return the symbols whose last run ended because nobody knew them."""
    place = func.row_number().over(partition_by=outcomes.c.symbol, order_by=(runs.c.now.desc(), runs.c.run_id))
    ranked = (
        select(outcomes.c.symbol, outcomes.c.outcome, place.label("place"))
        .join(runs, runs.c.run_id == outcomes.c.run_id)
        .where((outcomes.c.origin == origin) & (outcomes.c.interval == interval))
        .subquery()
    )
    query = select(ranked.c.symbol).where((ranked.c.place == 1) & (ranked.c.outcome == "symbol"))
    with engine.connect() as connection:
        return frozenset(connection.execute(query).scalars())
