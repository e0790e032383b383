"""Which part of what is known can be forecast from: the newest stretch without a hole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import groupby

from flows.core.bars import BarSeries
from flows.core.calendars import BarCalendar
from flows.core.periods import Slot

LARGEST_HOLE = 2
"""Missing sessions, weeks or months in a row up to which the bars on both sides still count as neighbours."""
MOST_BARS = 1_000
"""How many bars within sessions are forecast from: older ones tell little, and models take long over them."""


def unbroken(series: BarSeries, calendar: BarCalendar) -> tuple[BarSeries, tuple[str, ...]]:
    """Return the newest bars that no hole separates, and notes about what is missing.

    Two closes with months between them are no daily return: a model that took them for one would be wrong without
    anybody noticing.

    Args:
        series: Bars in the order of time.
        calendar: The bars that there should be.
    """
    series = _newest(series)
    if not series.bars:
        return series, ()
    missing = _runs_missing(series, calendar)
    is_hole = _is_long if series.interval.minutes is None else partial(_is_a_session, calendar=calendar)
    holes = [run for run in missing if is_hole(run)]
    if not holes:
        return series, _small_note([time for run in missing for time in run])
    last = holes[-1]
    kept = replace(series, bars=tuple(bar for bar in series.bars if bar.time > last[-1]))
    note = (
        f"{len(last)} {series.interval.span}s from {last[0]} to {last[-1]} are missing in the ledger, so only the "
        f"{len(kept)} bars after them are used; `nextclose import` fills such a hole"
    )
    return kept, (note, *_small_note([time for run in missing for time in run if time > last[-1]]))


def correction_note(changed: Sequence[tuple[str, float, float]]) -> tuple[str, ...]:
    """Say which bars the source has changed, given each one's time and its close before and after."""
    if not changed:
        return ()
    shown = ", ".join(f"{time} from {before:g} to {after:g}" for time, before, after in changed[:3])
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return (f"the source has corrected {len(changed)} bars since they were first received (closes: {shown}{more})",)


def import_note(file: str, bars: int, first: str, last: str, on: datetime) -> str:
    """Say that bars came from a person's file."""
    return f"{bars} bars from {first} to {last} were imported from {file} on {on:%Y-%m-%d}"


def opening_note(slot: Slot, calendar: BarCalendar) -> tuple[str, ...]:
    """Say that a forecast within sessions spans a night, if it does."""
    if calendar.interval.minutes is None or slot.as_of.local_close.date() == slot.target.local_close.date():
        return ()
    return ("the target is the first bar of its session: prices move more overnight than within the intervals' bars",)


def _newest(series: BarSeries) -> BarSeries:
    return series if series.interval.minutes is None else replace(series, bars=series.bars[-MOST_BARS:])


def _is_long(run: list[str]) -> bool:
    return len(run) > LARGEST_HOLE


def _is_a_session(run: list[str], calendar: BarCalendar) -> bool:
    """Say whether as much as a session is missing: minutes without a trade are ordinary, that is not."""
    # No session of ours goes through midnight in UTC.
    day = run[0][:10]
    return len(run) >= len(calendar.labels_between(f"{day}T00:00:00Z", f"{day}T23:59:59Z"))


def _runs_missing(series: BarSeries, calendar: BarCalendar) -> list[list[str]]:
    """Return the bars that should be there and are not, those that follow each other together."""
    present = {bar.time for bar in series.bars}
    expected = calendar.labels_between(series.bars[0].time, series.bars[-1].time)
    return [list(times) for is_there, times in groupby(expected, present.__contains__) if not is_there]


def _small_note(missing: list[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    return (f"no bar is known for {len(missing)} of the times in between: {shown}",)
