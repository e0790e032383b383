"""What tests of slots share: a Friday, a schedule, and the sentence about a day."""

from datetime import UTC, datetime, timedelta

from flows.core.request import Request
from flows.ledger.runs import Begun
from flows.ledger.slots import slots_between
from flows.parts import parts_in_use
from flows.publishers.slot_words import explained
from tests.world import World

FRIDAY = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
ZONE = "Africa/Casablanca"
CLOCK = datetime(2026, 12, 1, tzinfo=UTC)
DEPLOYMENT = "d" * 36


def sentence(here: World, day: datetime) -> str:
    """Return the sentence about the last slot of a day."""
    begin = day.replace(hour=0, minute=0)
    slots = slots_between(here.ledger, begin, begin + timedelta(days=1))
    return explained(slots[-1], ZONE, CLOCK)


def begun(run_id: str, scheduled_for: datetime) -> Begun:
    """Return what a scheduled run leaves in the ledger when it begins."""
    with parts_in_use() as parts:
        return Begun(
            run_id, "forecast-watchlist", scheduled_for, parts.origin, Request(()).interval, ("IBM",),
            scheduled_for, scheduled_for, DEPLOYMENT,
        )  # fmt: skip
