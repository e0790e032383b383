"""The name of a run: which symbols, and from which bar to which."""

from collections.abc import Sequence

from flows.core.bars import Interval
from flows.core.periods import Period, Slot


def title(symbols: Sequence[str], interval: Interval, slots: Sequence[Slot], task: str = "") -> str:
    """Return a run's name, such as ``IBM daily 2026-11-20→23``.

    Args:
        symbols: The symbols of the run.
        interval: How much time each bar spans.
        slots: The as-of and target of each symbol that has any.
        task: What the run does, where that is not a forecast; stands in front.
    """
    spans = {span(slot) for slot in slots}
    of = symbols[0] if len(symbols) == 1 else "watchlist"
    words = (task, of, str(interval), *(spans if len(spans) == 1 else ()))
    return " ".join(filter(None, words))


def span(slot: Slot) -> str:
    """Return from which bar to which, without repeating what both have in common: ``2026-11-30→12-01``."""
    begin, end = _time(slot.as_of), _time(slot.target)
    marks = [place + 1 for place, sign in enumerate(end) if sign in "- " and begin.startswith(end[: place + 1])]
    return f"{begin}→{end[max(marks, default=0) :]}"


def _time(period: Period) -> str:
    return period.label if period.interval.minutes is None else f"{period.local_close:%Y-%m-%d %H:%M}"
