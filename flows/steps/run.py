"""Which run this is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Run:
    """Which run this is, and at what instant it plays."""

    run_id: str
    flow: str
    now: datetime
    issued_at: datetime
    """The instant written on bars received and forecasts issued: the clock for live data, `now` for other data."""
    given_now: bool = False
    """A person said what instant to play at."""
    scheduled_for: datetime | None = None
    """When its schedule wanted it to begin; None of a run that a person asked for."""
    deployment: str | None = None
