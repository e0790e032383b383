"""Which part of what is known can be forecast from: the stretch without a hole that ends at the as-of session."""

from dataclasses import replace

from flows.core.bars import BarSeries
from flows.core.sessions import Exchange

LARGEST_HOLE = 2
"""Missing sessions in a row up to which the bars on both sides still count as neighbours."""


def unbroken(series: BarSeries, exchange: Exchange) -> tuple[BarSeries, tuple[str, ...]]:
    """Return the newest bars that no hole separates, and notes about what is missing.

    Two closes with months between them are no daily return: a model that took them for one would be wrong without
    anybody noticing.

    Args:
        series: Bars in the order of time.
        exchange: Whose sessions they should be.
    """
    if not series.bars:
        return series, ()
    missing = _missing(series, exchange)
    holes = [hole for hole in _runs(missing, exchange) if len(hole) > LARGEST_HOLE]
    if not holes:
        return series, _small_note(missing)
    last = holes[-1]
    kept = replace(series, bars=tuple(bar for bar in series.bars if bar.time > last[-1]))
    note = (
        f"{len(last)} sessions from {last[0]} to {last[-1]} are missing in the ledger, so only the {len(kept)} bars "
        "after them are used"
    )
    return kept, (note, *_small_note([day for day in missing if day > last[-1]]))


def _missing(series: BarSeries, exchange: Exchange) -> list[str]:
    present = {bar.time for bar in series.bars}
    expected = exchange.sessions_between(series.bars[0].time, series.bars[-1].time)
    return [day for day in expected if day not in present]


def _runs(missing: list[str], exchange: Exchange) -> list[list[str]]:
    """Group missing sessions that follow each other."""
    runs: list[list[str]] = []
    for day in missing:
        if runs and exchange.session_after(runs[-1][-1]) == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _small_note(missing: list[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    return (f"no bar is known for {len(missing)} of the sessions in between: {shown}",)
