"""Which part of what is known can be forecast from: the newest stretch without a hole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import groupby

from flows.core.bars import BarSeries, Change
from flows.core.calendars import BarCalendar
from flows.core.periods import Slot

LARGEST_HOLE = 2
"""Missing sessions, weeks or months in a row up to which the bars on both sides still count as neighbours."""
MOST_DAYS, MOST_MINUTES = 2_500, 1_000
"""How many bars are forecast from, of a session or more and within sessions: models take long over more."""
LONG_STILL = 10
"""As many equal closes in a row are worth a word."""
SAME_SCALE = 0.005
"""A close that changed by no more than this share was corrected; by more, it may have been put on another scale."""
RESCALED_BARS = 5
"""As many bars on another scale in one answer are a rescaling of the source's, fewer are corrections."""


def unbroken(series: BarSeries, calendar: BarCalendar) -> tuple[BarSeries, tuple[str, ...]]:
    """Return the newest bars that no hole separates, and notes about what is missing.

    Two closes with months between them are no daily return: a model that took them for one would be wrong without
    anybody noticing.

    Args:
        series: Bars in the order of time.
        calendar: The bars that there should be.
    """
    series, cut = _newest(series)
    if not series.bars:
        return series, ()
    kept, notes = _unbroken(series, calendar)
    return kept, (*cut, *notes)


def of_calendar(series: BarSeries, calendar: BarCalendar) -> tuple[BarSeries, tuple[str, ...]]:
    """Return the bars that the calendar knows, and a note about others: another program may have sent anything.

    Args:
        series: Bars in the order of time.
        calendar: The bars that there can be.
    """
    if not series.bars:
        return series, ()
    known = set(calendar.labels_between(series.bars[0].time, series.bars[-1].time))
    strange = [bar.time for bar in series.bars if bar.time not in known]
    if not strange:
        return series, ()
    more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
    note = (
        f"{len(strange)} bars in the ledger are of no {series.interval.span} of {calendar.exchange.code} and are not used: "
        f"{', '.join(strange[:3])}{more}"
    )
    return replace(series, bars=tuple(bar for bar in series.bars if bar.time in known)), (note,)


def one_scale(series: BarSeries, changes: Sequence[Change]) -> tuple[BarSeries, tuple[str, ...]]:
    """Return the newest bars that are all on one scale, and a note if older ones are not.

    A source that adjusts its prices gives all of them anew after a split or a dividend, but only as far back as its
    answer reaches; so may a source that contradicts a person's file. What is older then stays on the old scale.

    Args:
        series: Bars in the order of time, each in its newest version.
        changes: Every change of one of them, in the order in which they were received.
    """
    begins = ""
    for _, given in groupby(changes, key=lambda change: change.received_at):
        answer = list(given)
        if sum(abs(change.after / change.before - 1) > SAME_SCALE for change in answer) >= RESCALED_BARS:
            begins = answer[0].time
    older = [bar for bar in series.bars if bar.time < begins]
    if not older:
        return series, ()
    note = (
        f"the prices from {begins} on were given anew on another scale; the {len(older)} bars before are on the old one "
        "and are not used"
    )
    return replace(series, bars=series.bars[len(older) :]), (note,)


def _unbroken(series: BarSeries, calendar: BarCalendar) -> tuple[BarSeries, tuple[str, ...]]:
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


def still_note(series: BarSeries) -> tuple[str, ...]:
    """Say where prices stood still for so long that a trading halt or a dead source is more likely than calm."""
    runs = [list(run) for _, run in groupby(series.bars, key=lambda bar: bar.close)]
    longest = max(runs, key=len, default=[])
    if len(longest) < LONG_STILL:
        return ()
    return (
        (
            f"the close was {longest[0].close:g} on all {len(longest)} {series.interval.span}s from {longest[0].time} to "
            f"{longest[-1].time}: a trading halt, or a source that repeats itself"
        ),
    )


def correction_note(changed: Sequence[Change]) -> tuple[str, ...]:
    """Say which bars an answer of the source has changed."""
    if not changed:
        return ()
    shown = ", ".join(f"{one.time} from {one.before:g} to {one.after:g}" for one in changed[:3])
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    bars = "1 bar has" if len(changed) == 1 else f"{len(changed)} bars have"
    return (f"{bars} other values than before, corrected by the source (closes: {shown}{more})",)


def import_note(file: str, bars: int, first: str, last: str, on: datetime) -> str:
    """Say that bars came from a person's file."""
    return f"{bars} bars from {first} to {last} were imported from {file} on {on:%Y-%m-%d}"


def opening_note(slot: Slot, calendar: BarCalendar) -> tuple[str, ...]:
    """Say that a forecast within sessions spans a night, if it does."""
    if calendar.interval.minutes is None or slot.as_of.local_close.date() == slot.target.local_close.date():
        return ()
    return (
        "the target is the first bar of its session: prices move more overnight, so the intervals are probably too narrow",
    )


def _newest(series: BarSeries) -> tuple[BarSeries, tuple[str, ...]]:
    most = MOST_DAYS if series.interval.minutes is None else MOST_MINUTES
    if len(series) <= most:
        return series, ()
    return replace(series, bars=series.bars[-most:]), (f"only the newest {most} of {len(series)} bars are used",)


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
