"""Spacing of requests, shared by all runs: a global concurrency limit of Prefect's, whose slots come back with time."""

import re

from prefect.client.orchestration import get_client
from prefect.concurrency.sync import rate_limit

from flows.core.connections import SourceConnection

PATIENCE = 900.0
"""Seconds to wait for one's turn."""
MARGIN = 1.2
"""How much wider than asked the requests are spaced: the way from the limit to the wire is not always equally long."""


def limit_name(connection: SourceConnection) -> str:
    """Return the limit's name: one for each server that is asked."""
    return "nextclose-" + re.sub(r"[^a-z0-9]+", "-", connection.account.lower()).strip("-")


def set_pace(connection: SourceConnection) -> None:
    """Create the limit, or bring it to the block's number; do nothing where there is none."""
    rate = connection.requests_per_second
    if rate is not None:
        with get_client(sync_client=True) as client:
            client.upsert_global_concurrency_limit_by_name(limit_name(connection), 1, rate / MARGIN)


def wait_for_turn(connection: SourceConnection) -> None:
    """Return when the next request may be sent."""
    if connection.requests_per_second is not None:
        rate_limit(limit_name(connection), timeout_seconds=PATIENCE, strict=True)
