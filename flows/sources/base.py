"""What every data source offers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from flows.core.bars import Interval, Origin
from flows.core.cleaning import RawSeries


@dataclass(frozen=True, slots=True)
class BarRequest:
    """What is asked of a source."""

    symbol: str
    interval: Interval
    received_at: datetime
    """The instant to write on the bars as their time of receipt."""
    month: str = ""
    """An earlier month such as 2024-05, where the newest bars are not what is wanted; only for bars within sessions."""
    deep: bool = False
    """More than the newest hundred bars are wanted."""


class Listed(NamedTuple):
    """A split as a source tells of it."""

    effective: str
    """The ISO date of the first session in new prices."""
    factor: float
    """How many shares one becomes."""


class Source(Protocol):
    """Something that bars can be had from."""

    @property
    def origin(self) -> Origin:
        """What the bars are marked with."""
        ...

    def fetch(self, request: BarRequest, spend: Callable[[], None]) -> RawSeries:
        """Return the bars of one symbol.

        Args:
            request: What is wanted.
            spend: Called before each request to the vendor; raises QuotaSpent when none is left.

        Raises:
            NextcloseError: One of our errors, with the symbol in its message and no secret.
        """
        ...


class SplitSource(Protocol):
    """A source that can be asked for splits too."""

    def splits(self, symbol: str, spend: Callable[[], None]) -> tuple[Listed, ...]:
        """Return all splits of one symbol that the source knows, in its order; arguments and errors as for `fetch`."""
        ...
