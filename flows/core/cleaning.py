"""Turn what a source gave into bars that can be trusted, and say what happened to every row that cannot."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from flows.core.bars import Bar, BarSeries, Interval, Origin
from flows.core.errors import RejectData
from flows.core.faults import RawBar, day_in, fault_in, place_of
from flows.core.sessions import Exchange, exchange_of

__all__ = ["TOLERATED_SHARE", "Cleaned", "RawBar", "RawSeries", "RejectedBar", "clean"]

TOLERATED_SHARE = 0.02
"""More rejected bars than this share of those up to the as-of session, and none of them is forecast from."""


class RejectedBar(NamedTuple):
    """A row that is not used, and why; `time` is None where the row's date cannot be read."""

    time: str | None
    reason: str
    row: RawBar


@dataclass(frozen=True, slots=True)
class RawSeries:
    """The rows of one answer, in the source's order."""

    symbol: str
    interval: Interval
    origin: Origin
    rows: tuple[RawBar, ...]
    received_at: datetime
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Bars that can be used, rows that cannot, and notes for the reader."""

    series: BarSeries
    received_at: datetime
    rejected: tuple[RejectedBar, ...] = ()
    notes: tuple[str, ...] = ()

    def require_trust(self, as_of: str) -> None:
        """Raise RejectData if too many of the bars up to `as_of` had to be rejected."""
        bad = [found for found in self.rejected if found.time is not None and found.time <= as_of]
        total = len(bad) + len(self.series.until(as_of))
        if len(bad) > TOLERATED_SHARE * total:
            raise RejectData(
                f"{self.series.symbol}, clean: {len(bad)} of {total} bars up to {as_of} are unusable "
                f"({_examples(bad)}), more than {TOLERATED_SHARE:.0%}, so no forecast is made from the rest. "
                f"They are in quarantine; try again when the source has mended them"
            )

    def require_sound(self, as_of: str) -> None:
        """Raise RejectData if the bar of `as_of` itself was rejected."""
        for found in self.rejected:
            if found.time == as_of:
                raise RejectData(
                    f"{self.series.symbol}, clean: the bar of {as_of}, the last completed session, is unusable: "
                    f"{found.reason}. It is in quarantine; try again when the source has mended it"
                )


def clean(raw: RawSeries, now: datetime) -> Cleaned:
    """Return the usable bars of `raw` in the order of time, with everything else accounted for.

    A bar is used when its date is a session of the symbol's exchange, that session's close plus the grace has passed
    at `now`, its prices are positive finite numbers with low ≤ open, close ≤ high, its volume is not negative, and no
    other bar of the same session contradicts it.

    Args:
        raw: The answer's rows.
        now: The instant that decides which sessions are complete.

    Raises:
        RejectSymbol: The symbol's exchange is not known.
    """
    exchange = exchange_of(raw.symbol)
    as_of = exchange.slot(now).as_of.label
    rejected, good, unfinished = _sift(raw.rows, exchange, as_of)
    kept, clashes, repeats = _one_per_session(good)
    rejected += clashes
    bars = tuple(sorted(kept, key=lambda bar: bar.time))
    notes = (
        *raw.notes,
        *_unfinished_note(unfinished),
        *_rejected_note(rejected),
        *_repeat_note(repeats),
        *_order_note([bar.time for bar, _ in good]),
        *_gap_note(bars, {found.time for found in rejected}, exchange),
    )
    return Cleaned(BarSeries(raw.symbol, raw.interval, raw.origin, bars), raw.received_at, tuple(rejected), notes)


def _sift(
    rows: Iterable[RawBar], exchange: Exchange, as_of: str
) -> tuple[list[RejectedBar], list[tuple[Bar, RawBar]], list[str]]:
    rejected: list[RejectedBar] = []
    good: list[tuple[Bar, RawBar]] = []
    unfinished: list[str] = []
    for row in rows:
        time = day_in(row.time)
        if time is not None and time > as_of:
            unfinished.append(time)
        elif (reason := fault_in(row, time, exchange)) is not None:
            rejected.append(RejectedBar(place_of(row.time), reason, row))
        else:
            good.append((Bar(str(time), *(float(str(value)) for value in row[1:])), row))
    return rejected, good, unfinished


def _one_per_session(
    good: Sequence[tuple[Bar, RawBar]],
) -> tuple[list[Bar], list[RejectedBar], int]:
    groups: dict[str, list[tuple[Bar, RawBar]]] = defaultdict(list)
    for bar, row in good:
        groups[bar.time].append((bar, row))
    kept = [group[0][0] for group in groups.values() if len({bar for bar, _ in group}) == 1]
    clashes = [
        RejectedBar(bar.time, f"{len(group)} bars of this session contradict each other", row)
        for group in groups.values()
        if len({bar for bar, _ in group}) > 1
        for bar, row in group
    ]
    return kept, clashes, len(good) - len(kept) - len(clashes)


def _unfinished_note(times: list[str]) -> list[str]:
    if not times:
        return []
    return [f"{_bars(len(times))} left out because the session was not complete: {_listed(sorted(times))}"]


def _rejected_note(rejected: list[RejectedBar]) -> list[str]:
    return [f"{_bars(len(rejected))} rejected and put into quarantine: {_examples(rejected)}"] if rejected else []


def _repeat_note(repeats: int) -> list[str]:
    return [f"{_bars(repeats)} dropped because the answer held the same bar twice"] if repeats else []


def _order_note(times: list[str]) -> list[str]:
    in_order = times == sorted(times) or times == sorted(times, reverse=True)
    return [] if in_order else ["the bars arrived out of order and were sorted"]


def _gap_note(bars: tuple[Bar, ...], rejected: set[str | None], exchange: Exchange) -> list[str]:
    if not bars:
        return []
    present = {bar.time for bar in bars} | rejected
    missing = [day for day in exchange.sessions_between(bars[0].time, bars[-1].time) if day not in present]
    return [f"{_bars(len(missing))} missing in the answer: {_listed(missing)}"] if missing else []


def _bars(count: int) -> str:
    return f"{count} bar" if count == 1 else f"{count} bars"


def _listed(items: Sequence[str], most: int = 3) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _examples(rejected: Sequence[RejectedBar]) -> str:
    return _listed([f"{found.time or 'undated'}: {found.reason}" for found in rejected])
