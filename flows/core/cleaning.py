"""Turn what a source gave into bars that can be trusted, and say what happened to every row that cannot."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from flows.core.bars import Bar, BarSeries, Interval, Origin
from flows.core.calendars import BarCalendar, calendar_of
from flows.core.errors import RejectData
from flows.core.faults import RawBar, fault_in

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
    zone: str = ""
    """The zone of times without an offset; the exchange's own where it is empty."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Bars that can be used, rows that cannot, and notes for the reader."""

    series: BarSeries
    received_at: datetime
    rejected: tuple[RejectedBar, ...] = ()
    notes: tuple[str, ...] = ()

    def pieces(self, size: int) -> Iterator["Cleaned"]:
        """Yield the same with at most `size` bars at a time, the rejected rows with the first."""
        bars = self.series.bars
        for begin in range(0, max(len(bars), 1), size):
            piece = replace(self.series, bars=bars[begin : begin + size])
            yield replace(self, series=piece, rejected=() if begin else self.rejected)

    def require_trust(self, as_of: str) -> None:
        """Raise RejectData if too many of the bars up to `as_of` had to be rejected."""
        bad = [found for found in self.rejected if found.time is None or found.time <= as_of]
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
                    f"{self.series.symbol}, clean: the bar of {as_of}, the last completed one, is unusable: "
                    f"{found.reason}. It is in quarantine; try again when the source has mended it"
                )


def clean(raw: RawSeries, now: datetime) -> Cleaned:
    """Return the usable bars of `raw` in the order of time, with everything else accounted for.

    A bar is used when its time is one of a bar of the symbol's exchange, that bar's close plus the grace has passed at
    `now`, its prices are positive finite numbers with low ≤ open, close ≤ high, its volume is not negative, and no
    other row for the same bar contradicts it.

    Args:
        raw: The answer's rows.
        now: The instant that decides which bars are complete.

    Raises:
        RejectSymbol: The symbol's exchange is not known.
        BeyondCalendar: The exchange's calendar does not reach `now`.
    """
    calendar = calendar_of(raw.symbol, raw.interval)
    sifted = _sift(raw, calendar, calendar.slot(now).as_of.label)
    kept, clashes, repeats = _one_per_time(sifted.good, raw.interval)
    rejected = (*sifted.rejected, *clashes)
    bars = tuple(sorted(kept, key=lambda bar: bar.time))
    accounted = {found.time for found in rejected} | {time for times in sifted.aside.values() for time in times}
    notes = (
        *raw.notes,
        *_unfinished_note(sifted.unfinished, raw.interval),
        *_aside_notes(sifted.aside),
        *_rejected_note(rejected),
        *_repeat_note(repeats),
        *_order_note([bar.time for bar, _ in sifted.good]),
        *_gap_note(bars, accounted, calendar),
    )
    return Cleaned(BarSeries(raw.symbol, raw.interval, raw.origin, bars), raw.received_at, rejected, notes)


@dataclass(frozen=True, slots=True)
class _Sifted:
    """Every row of an answer in one of four heaps."""

    good: list[tuple[Bar, RawBar]] = field(default_factory=list)
    rejected: list[RejectedBar] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    aside: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def _sift(raw: RawSeries, calendar: BarCalendar, as_of: str) -> _Sifted:
    heaps = _Sifted()
    for row in raw.rows:
        found = calendar.find(row.time, raw.zone)
        if found.label is not None and found.label > as_of:
            heaps.unfinished.append(str(found.place))
        elif found.aside is not None:
            heaps.aside[found.aside].append(str(found.place))
        elif (reason := found.fault or fault_in(row)) is not None:
            heaps.rejected.append(RejectedBar(found.label or found.place, reason, row))
        else:
            heaps.good.append((Bar(str(found.label), *(float(str(value)) for value in row[1:])), row))
    return heaps


def _one_per_time(good: Sequence[tuple[Bar, RawBar]], interval: Interval) -> tuple[list[Bar], list[RejectedBar], int]:
    groups: dict[str, list[tuple[Bar, RawBar]]] = defaultdict(list)
    for bar, row in good:
        groups[bar.time].append((bar, row))
    kept = [group[0][0] for group in groups.values() if len({bar for bar, _ in group}) == 1]
    clashes = [
        RejectedBar(bar.time, f"{len(group)} bars of this {interval.span} contradict each other", row)
        for group in groups.values()
        if len({bar for bar, _ in group}) > 1
        for bar, row in group
    ]
    return kept, clashes, len(good) - len(kept) - len(clashes)


def _unfinished_note(times: list[str], interval: Interval) -> list[str]:
    if not times:
        return []
    return [f"{_bars(len(times))} left out because the {interval.span} was not complete: {_listed(sorted(times))}"]


def _aside_notes(aside: Mapping[str, list[str]]) -> list[str]:
    return [
        f"{_bars(len(times))} set aside because {reason}: {_listed(sorted(times))}" for reason, times in aside.items()
    ]


def _rejected_note(rejected: Sequence[RejectedBar]) -> list[str]:
    return [f"{_bars(len(rejected))} rejected and put into quarantine: {_examples(rejected)}"] if rejected else []


def _repeat_note(repeats: int) -> list[str]:
    return [f"{_bars(repeats)} dropped because the answer held the same bar twice"] if repeats else []


def _order_note(times: list[str]) -> list[str]:
    in_order = times == sorted(times) or times == sorted(times, reverse=True)
    return [] if in_order else ["the bars arrived out of order and were sorted"]


def _gap_note(bars: tuple[Bar, ...], accounted: set[str | None], calendar: BarCalendar) -> list[str]:
    if not bars:
        return []
    present = {bar.time for bar in bars} | accounted
    missing = [time for time in calendar.labels_between(bars[0].time, bars[-1].time) if time not in present]
    return [f"{_bars(len(missing))} missing in the answer: {_listed(missing)}"] if missing else []


def _bars(count: int) -> str:
    return f"{count} bar" if count == 1 else f"{count} bars"


def _listed(items: Sequence[str], most: int = 3) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _examples(rejected: Sequence[RejectedBar]) -> str:
    return _listed([f"{found.time or 'undated'}: {found.reason}" for found in rejected])
