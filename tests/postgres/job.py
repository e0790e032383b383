"""One of several processes that use one ledger at the same moment: ``python -m tests.postgres.job URL NUMBER``."""

import json
import sys

from sqlalchemy import Engine, text

from flows.core.bars import Interval, Origin
from flows.core.connections import LedgerConnection
from flows.core.errors import QuotaSpent
from flows.ledger.budget import spend_request
from flows.ledger.outbox import Audience, MailItem, claim, draft
from flows.ledger.store import open_ledger
from tests.core.examples import NOW, a_forecast
from tests.ledger.ledgers import kept_forecast

START = 4711
"""The advisory lock that the test holds until all processes wait for it."""
FORECASTS, MAILS, REQUESTS, LIMIT = 12, 8, 10, 25


def wait_for_the_start(url: str) -> None:
    """Stand in line until the test lets all go at once."""
    from flows.ledger.addresses import address_in
    from flows.ledger.engines import engine_on

    engine = engine_on(address_in(url))
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock_shared({START})"))
    engine.dispose()


def forecasts(ledger: Engine, number: int) -> list[int]:
    """Keep forecasts of one series, and return their places."""
    return [kept_forecast(ledger, a_forecast(point=200.0 + number + one / 100)).place for one in range(FORECASTS)]


def mails(ledger: Engine) -> list[bool]:
    """Claim the same mails as everybody, each with its items in another order, and return which were granted."""
    audience = Audience(("ann@example.test",), Origin.LIVE, Interval.DAILY)
    items = [
        [MailItem(symbol, "forecast", f"2026-11-{day + 10}") for symbol in ("IBM", "MSFT")] for day in range(MAILS)
    ]
    made = [draft(ledger, audience, some, again=False) for some in items]
    return [claim(ledger, one, "subject", "run-1", NOW, "") for one in made]


def requests(ledger: Engine) -> int:
    """Spend requests of one budget, and return how many were granted."""
    return sum(_spent(ledger) for _ in range(REQUESTS))


def _spent(ledger: Engine) -> bool:
    try:
        spend_request(ledger, "host", "2026-11-20", LIMIT, "IBM, fetch")
    except QuotaSpent:
        return False
    return True


if __name__ == "__main__":
    url, number = sys.argv[1], int(sys.argv[2])
    wait_for_the_start(url)
    opened = open_ledger(LedgerConnection(url), Origin.LIVE)
    done = {"places": forecasts(opened, number), "mails": mails(opened), "requests": requests(opened)}
    sys.stdout.write(json.dumps(done))
