"""A forecast as it is written on its topic: what can be hashed, compared and proved."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from flows.core.bars import Interval, Origin
from flows.core.forecast import Forecast


class Issued(NamedTuple):
    """A forecast as it stands on its topic: what can be compared, hashed and proved."""

    forecast_id: str
    origin: Origin
    symbol: str
    interval: Interval
    as_of: str
    target: str
    target_closes_at: datetime
    issued_at: datetime
    backfill: bool
    given_now: bool
    point: float
    lower80: float
    upper80: float
    lower95: float
    upper95: float
    naive: float
    model: str
    data_digest: str
    code_version: str
    run_id: str
    place: int
    previous: str | None

    @property
    def name(self) -> str:
        """Which forecast this is, for a sentence."""
        return f"{self.symbol} {self.interval} {self.as_of}→{self.target}"


def issued(forecast: Forecast) -> Issued:
    """Return a forecast as it stands on its topic."""
    p = forecast.prediction
    own = {"forecast_id", "issued_at", "backfill", "given_now", "run_id", "place", "previous"}
    facts: dict[str, Any] = {name: getattr(forecast, name) for name in own}
    facts |= {"target": p.target.label, "target_closes_at": p.target.closes_at}
    # The same instant must give the same bytes, whatever clock it was read from.
    facts |= {name: facts[name].astimezone(UTC) for name in ("issued_at", "target_closes_at")}
    return Issued(**facts, **{name: getattr(p, name) for name in Issued._fields if name not in facts})


class Kept(NamedTuple):
    """A forecast in the ledger, as it should stand on its topic, and where."""

    issued: Issued
    record_hash: str | None
    cluster: str | None
    topic: str | None
    partition: int | None
    topic_offset: int | None


class OnTopic(NamedTuple):
    """A forecast on its topic."""

    issued: Issued
    record_hash: str
    """SHA-256 of the record's value, in hexadecimal."""
    partition: int
    offset: int
    written_at: datetime
    by_broker: bool
    """The time is the broker's own, and not the producer's."""

    @property
    def where(self) -> str:
        """Its place, for a sentence."""
        return f"partition {self.partition}, offset {self.offset}"
