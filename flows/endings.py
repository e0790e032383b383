"""How a run ends: the name of its final state, which the UI shows and automations can use."""

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.core.errors import NextcloseError
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
        return _failure_name(report)
    return {"sent": (True, "Sent"), "nothing new": (True, "Nothing new"), "unknown": (False, "Mail unknown")}[
        delivery.state
    ]


def _failure_name(report: Report) -> tuple[bool, str]:
    if all(failure.error == "StaleData" for failure in report.failures):
        return True, "Stale"
    if all(failure.kind == "quota" for failure in report.failures):
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
    failed = [
        Outcome(f.symbol, report.origin, report.interval, f.due, f.kind, f.step, f.reason) for f in report.failures
    ]
    return made + failed
