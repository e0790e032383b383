"""How a run ends: the name of its final state, which the UI shows and automations can use."""

from collections.abc import Sequence
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.core.bars import Interval, Origin
from flows.core.errors import NextcloseError
from flows.core.evaluation import Evaluation
from flows.core.forecast import SymbolFailure
from flows.core.redaction import redact
from flows.core.report import Report
from flows.ledger.runs import Outcome
from flows.publishers.outbox import Delivery


def ending(report: Report, delivery: Delivery | BaseException) -> tuple[str, str, State[Report]]:
    """Return the final state's name and message, and the state itself."""
    completed, name = _name(report, delivery)
    message = _message(report, delivery)
    make: Any = Completed if completed else Failed
    return name, message, make(name=name, message=message, data=report)


def _name(report: Report, delivery: Delivery | BaseException) -> tuple[bool, str]:
    if isinstance(delivery, BaseException):
        return False, "Not mailed"
    if not report.entries:
        return _failure_name(report.failures)
    return {"sent": (True, "Sent"), "nothing new": (True, "Nothing new"), "unknown": (False, "Mail unknown")}[
        delivery.state
    ]


def _failure_name(failures: Sequence[SymbolFailure]) -> tuple[bool, str]:
    if all(failure.error == "StaleData" for failure in failures):
        return True, "Stale"
    if all(failure.kind == "quota" for failure in failures):
        return False, "Quota"
    return False, "Failed"


def _message(report: Report, delivery: Delivery | BaseException) -> str:
    counts = f"{len(report.entries)} forecast, {len(report.failures)} failed"
    reasons = [failure.reason for failure in report.failures]
    return "; ".join((counts, mail_fate(delivery), *reasons))


def mail_fate(delivery: Delivery | BaseException) -> str:
    """Say in words what became of the mail."""
    if isinstance(delivery, Delivery):
        return delivery.message
    if isinstance(delivery, NextcloseError):
        return str(delivery)
    return redact(f"notify: unexpected {type(delivery).__name__}: {delivery}. Please report this")


def outcomes_of(report: Report) -> list[Outcome]:
    """Return how the run ended for each symbol."""
    made = [
        Outcome(p.symbol, p.origin, p.interval, p.as_of, "forecast", forecast_id=entry.forecast.forecast_id)
        for entry in report.entries
        for p in [entry.forecast.prediction]
    ]
    return made + _failed(report.failures, report.origin, report.interval)


def _failed(failures: Sequence[SymbolFailure], origin: Origin, interval: Interval) -> list[Outcome]:
    return [Outcome(f.symbol, origin, interval, f.due, f.kind, f.step, f.reason) for f in failures]


def evaluation_ending(made: Evaluation) -> tuple[str, str, State[Evaluation]]:
    """Return the final state's name and message, and the state itself."""
    completed, name = (True, "Evaluated") if made.held else _failure_name(made.failures)
    counts = f"{len(made.held)} compared, {len(made.failures)} failed"
    message = "; ".join((counts, made.verdict, *(failure.reason for failure in made.failures)))
    make: Any = Completed if completed else Failed
    return name, message, make(name=name, message=message, data=made)


def evaluation_outcomes(made: Evaluation, origin: Origin) -> list[Outcome]:
    """Return how the run ended for each symbol."""
    held = [Outcome(one.symbol, origin, made.interval, one.as_of, "evaluated") for one in made.held]
    return held + _failed(made.failures, origin, made.interval)
