"""A track record in words and as a table."""

from collections.abc import Callable

from flows.core.figures import Band, Figures, Scored
from flows.core.forecast import Prediction
from flows.core.report import money
from flows.core.skill import TrackRecord
from flows.publishers.clocks import time_in_words
from flows.publishers.contest_words import Table, number, percent

MOST_MODELS = 3
"""As many models have columns of their own: those that made most of the forecasts."""
RECORD_WORDS = (
    (
        "Track record: only forecasts that were made before their target closed, each against the close that came; by one origin "
        "and one interval of bars. MASE here is in units of the average change in the history behind each forecast."
    ),
    (
        "The interval of skill holds the true skill in 95 of 100 such records; where it holds 0 %, luck may explain the skill. "
        "Honest coverage: within these limits lie 95 of 100 records whose intervals keep their promise."
    ),
)

_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("Forecasts scored", lambda f: str(f.n)),
    ("MSE", lambda f: number(f.mse)),
    ("MAE", lambda f: number(f.mae)),
    ("MASE", lambda f: "n/a" if f.mase is None else f"{f.mase:.3f}"),
    ("Skill against naive", lambda f: percent(f.skill)),
    ("95 % interval of skill", lambda f: _band(f.skill_band, percent)),
    ("Direction right", lambda f: _share(f.direction)),
    ("Closes that rose", lambda f: _share(f.up_days)),
    ("Inside the 80 % interval", lambda f: _share(f.coverage80)),
    ("Honest coverage of 80 %", lambda f: _band(f.band80, _share)),
    ("Inside the 95 % interval", lambda f: _share(f.coverage95)),
    ("Honest coverage of 95 %", lambda f: _band(f.band95, _share)),
)


def record_table(record: TrackRecord) -> Table | None:
    """Return the figures, a column for all forecasts, one for the last 20, and one a model; None without any."""
    if not record.n:
        return None
    shown = {name for name, _ in sorted(record.by_model, key=lambda one: -one[1].n)[:MOST_MODELS]}
    chosen = [(name, found) for name, found in record.selections if name in (*shown, "all", "last 20")]
    rows = tuple((label, *(cell(found) for _, found in chosen)) for label, cell in _ROWS)
    return Table(("", *(name for name, _ in chosen)), rows)


def record_sentences(record: TrackRecord, p: Prediction) -> tuple[str, ...]:
    """Say what the record is of, what came of the last forecast, and what is mixed in it."""
    if not record.n:
        return ("No earlier forecast has been scored yet.",)
    span = f"for the closes of {time_in_words(record.first_target or '', p)} to {time_in_words(record.last_target or '', p)}"
    plural = "forecast" if record.n == 1 else "forecasts"
    return (f"{record.n} {plural} scored, {span}.", *_latest(record.last, p), *mixture(record))


def mixture(record: TrackRecord) -> tuple[str, ...]:
    """Say what different things are in one figure."""
    made = [
        *([f"{len(record.by_model)} models"] if record.by_model else ()),
        *([f"{record.versions} versions of the code"] if record.versions > 1 else ()),
    ]
    left = len(record.by_model) - MOST_MODELS
    more = f" ({left} more models by `nextclose record --json`)" if left > 0 else ""
    found = [f'They were made by {" and ".join(made)}, which are one figure under "all"{more}.'] if made else []
    if record.unscaled and record.unscaled < record.n:
        found.append(f"MASE leaves out {record.unscaled} forecasts of an earlier version, whose unit is not known.")
    if record.corrected:
        closes = "1 close was" if record.corrected == 1 else f"{record.corrected} closes were"
        found.append(f"{closes} corrected after the first scoring: the newest values count, and every version is kept.")
    return tuple(found)


def _latest(last: Scored | None, p: Prediction) -> tuple[str, ...]:
    if last is None:
        return ()
    said, closed = money(last.point, last.naive), money(last.actual, last.naive)
    return (
        f"Last: {said} was forecast for {time_in_words(last.target, p)}, which closed at {closed}, {_where(last)}.",
    )


def _where(last: Scored) -> str:
    if last.lower80 <= last.actual <= last.upper80:
        return "inside the 80 % interval"
    inside95 = last.lower95 <= last.actual <= last.upper95
    return "outside the 80 % and inside the 95 % interval" if inside95 else "outside both intervals"


def _share(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0%}"


def _band(band: Band | None, form: Callable[[float | None], str]) -> str:
    return "n/a" if band is None else f"{form(band[0])} to {form(band[1])}"
