"""Sharing out the day's requests: who is served now, and who waits until tomorrow."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flows.core.errors import QuotaSpent
from flows.core.request import Asked


@dataclass(frozen=True, slots=True)
class Budget:
    """The requests of one day."""

    day: str
    limit: int
    used: int

    @property
    def left(self) -> int:
        """How many may still be sent."""
        return max(self.limit - self.used, 0)


@dataclass(frozen=True, slots=True)
class Share:
    """What became of a run's symbols when the requests were shared out."""

    waves: tuple[tuple[Asked, ...], ...]
    """Who is fetched, those first whose newest bar is oldest; the order within a wave does not matter."""
    waiting: Mapping[str, QuotaSpent]
    """For which symbols no request is left, each with its error."""
    sentence: str
    """How many requests are needed and how many are left."""


def share_out(
    asked: Sequence[Asked], newest: Mapping[str, str], doubtful: Collection[str], budget: Budget | None
) -> Share:
    """Serve first the symbols whose newest bar is oldest.

    Args:
        asked: The run's symbols.
        newest: For each symbol that has bars, the time of the newest one; who has the bar that is due needs no request.
        doubtful: Symbols that the vendor did not know the last time: they come after all others.
        budget: The day's requests; None if there is no limit.
    """
    content = [one for one in asked if newest.get(one.series.symbol, "") >= one.due]
    needy = sorted(
        (one for one in asked if newest.get(one.series.symbol, "") < one.due),
        key=lambda one: _rank(one, newest, doubtful),
    )
    left = len(needy) if budget is None else budget.left
    served = needy[:left]
    waiting = {one.series.symbol: _waits(one.series.symbol, budget) for one in needy[left:] if budget is not None}
    waves = [tuple(wave) for _, wave in groupby(served, key=lambda one: _rank(one, newest, doubtful))]
    # Whoever needs no request has an answer from an earlier run: there is nothing to wait for.
    first = (*content, *(waves[0] if waves else ()))
    return Share((first, *waves[1:]) if first else (), waiting, _sentence(len(asked), len(needy), waiting, budget))


def _waits(symbol: str, budget: Budget) -> QuotaSpent:
    return QuotaSpent(
        f"{symbol}, fetch: waits, because none of the {budget.limit} requests that the alpha-vantage block allows on "
        f"{budget.day} is left for it. It comes first in the next day's run; raise daily_requests in the block "
        "(ALPHAVANTAGE_DAILY_REQUESTS) if your plan has more"
    )


def _rank(one: Asked, newest: Mapping[str, str], doubtful: Collection[str]) -> tuple[bool, str]:
    return (one.series.symbol in doubtful, newest.get(one.series.symbol, ""))


def _sentence(count: int, needed: int, waiting: Collection[str], budget: Budget | None) -> str:
    symbols = f"{count} symbol" if count == 1 else f"{count} symbols"
    if budget is None:
        return f"requests needed: {needed}, for {symbols}; there is no daily limit"
    tail = f"; waiting for another day: {', '.join(waiting)}" if waiting else ""
    return (
        f"requests needed: {needed}, for {symbols}; left: {budget.left} of {budget.limit} for {budget.day} in New York"
        f"{tail}"
    )
