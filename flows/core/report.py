"""What one run has to tell: forecasts, failures, the record so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flows.core.backtest import Contest, ModelScore
from flows.core.bars import Interval, Origin
from flows.core.forecast import Forecast, Prediction, SymbolFailure
from flows.core.skill import TrackRecord, record_facts

Fact = str | float | int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One symbol's forecast with its record and what the reader should know about its data."""

    forecast: Forecast
    record: TrackRecord
    notes: tuple[str, ...] = ()

    @property
    def symbol(self) -> str:
        """The symbol that is forecast."""
        return self.forecast.prediction.symbol


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the mail, the artifact and the command line show."""

    origin: Origin
    interval: Interval
    now: datetime
    run_id: str
    parts: tuple[str, ...]
    """What the run used, one line a part."""
    entries: tuple[Entry, ...] = ()
    failures: tuple[SymbolFailure, ...] = ()
    notes: tuple[str, ...] = ()
    zone: str = "UTC"
    """The reader's time zone."""

    def only(self, entries: tuple[Entry, ...], failures: tuple[SymbolFailure, ...]) -> "Report":
        """Return the same report about fewer symbols."""
        return replace(self, entries=entries, failures=failures)

    @property
    def targets(self) -> tuple[str, ...]:
        """The closes that are forecast, in few words, without repeats, earliest first."""
        return tuple(sorted({entry.forecast.prediction.target.short for entry in self.entries}))


def subject(report: Report) -> str:
    """Return the mail's subject, which says the forecast itself where there is only one."""
    head = "[SAMPLE] " if report.origin is Origin.SAMPLE else ""
    if len(report.entries) == 1 and not report.failures:
        p = report.entries[0].forecast.prediction
        band = f"{money(p.lower80, p.naive)}–{money(p.upper80, p.naive)}"  # noqa: RUF001 - a range is set with an en dash
        return f"{head}{named(p)} {p.target.short}: {money(p.point, p.naive)} (80 % {band})"
    return head + _summary(report)


def named(p: Prediction) -> str:
    """Return the symbol, with the interval unless that is a day."""
    return p.symbol if p.interval is Interval.DAILY else f"{p.symbol} {p.interval}"


def _summary(report: Report) -> str:
    failed = f"{len(report.failures)} failed" if report.failures else ""
    if not report.entries:
        names = ", ".join(failure.symbol for failure in report.failures[:3]) + (
            ", …" if len(report.failures) > 3 else ""
        )
        ages = {failure.headline for failure in report.failures if failure.error == "StaleData"}
        stale = len(ages) == 1 and all(failure.error == "StaleData" for failure in report.failures)
        return f"{names}: no forecast: {ages.pop()}" if stale else f"no forecast: {failed} ({names})"
    plural = "forecast" if len(report.entries) == 1 else "forecasts"
    interval = "" if report.interval is Interval.DAILY else f"{report.interval} "
    made = f"{len(report.entries)} {interval}{plural} for {' and '.join(report.targets)}"
    return f"{made}, {failed}" if failed else made


def money(value: float, scale: float) -> str:
    """Return a price with two decimals, or with four significant digits of `scale` where it is below one."""
    if abs(scale) >= 1:
        return f"{value:.2f}"
    return f"{value:.{_decimals(scale)}f}"


def _decimals(scale: float) -> int:
    exponent = int(f"{scale:e}".partition("e")[2])
    return 3 - exponent


def forecast_facts(entry: Entry) -> dict[str, object]:
    """Return one symbol's forecast as the object that ``nextclose forecast --json`` prints."""
    p, record = entry.forecast.prediction, entry.record
    return {
        "symbol": p.symbol,
        "interval": str(p.interval),
        "origin": str(p.origin),
        "as_of": p.as_of,
        "target": p.target.label,
        "target_closes_at": p.target.closes_at.isoformat(),
        **{name: getattr(p, name) for name in ("point", "lower80", "upper80", "lower95", "upper95", "naive", "model")},
        "chosen_by": p.chosen_by,
        "intervals": _interval_facts(p),
        "models": [score_facts(score) for score in p.contest.scores],
        "contest": contest_facts(p.contest),
        "record": record_facts(record),
        "backfill": entry.forecast.backfill,
        "forecast_id": entry.forecast.forecast_id,
        "record_hash": entry.forecast.record_hash or None,
        "notes": list(entry.notes),
    }


def _interval_facts(p: Prediction) -> list[Mapping[str, Fact]]:
    """Return every interval, the narrowest first, with the share of the contest's closes that lay inside."""
    both = ((0.80, p.lower80, p.upper80), (0.95, p.lower95, p.upper95))
    return [
        {"level": level, "lower": lower, "upper": upper, "method": p.intervals}
        for level, lower, upper in sorted({*both, *p.more})
    ]


def contest_facts(contest: Contest) -> Mapping[str, object]:
    """Return what a contest says beside each model's score."""
    names = ("verdict", "origins", "first_target", "last_target", "up_days", "incumbent", "coverage80", "coverage95")
    return {**{name: getattr(contest, name) for name in names}, "better": list(contest.better)}


def score_facts(score: ModelScore) -> Mapping[str, Fact]:
    """Return one model's score."""
    if score.failed is not None:
        return {"name": score.name, "failed": score.failed}
    names = ("name", "mse", "mae", "skill", "mase", "direction", "p_value", "refit")
    return {name: getattr(score, name) for name in names}


def failure_facts(failure: SymbolFailure) -> dict[str, object]:
    """Return one symbol's failure as the object that ``nextclose forecast --json`` prints."""
    return {
        "symbol": failure.symbol,
        "failed": {"step": failure.step, "kind": failure.kind, "reason": failure.reason},
    }
