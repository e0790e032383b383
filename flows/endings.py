"""How a run ends: the name of its final state, which the UI shows and automations can use."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.core.bars import Interval, Origin
from flows.core.errors import NextcloseError
from flows.core.evaluation import Evaluation
from flows.core.forecast import SymbolFailure
from flows.core.redaction import redact
from flows.core.report import Entry, Report
from flows.core.slots import Ended
from flows.ledger.outbox import MailItem
from flows.ledger.runs import Outcome
from flows.publishers.delivery import Delivery, Fate

FATES: Mapping[Fate, Ended] = {
    "sent": Ended.SENT,
    "unknown": Ended.MAIL_UNKNOWN,
    "not alerted": Ended.NOT_ALERTED,
    "nothing new": Ended.NOTHING_NEW,
}


def ending(report: Report, delivery: Delivery | BaseException) -> tuple[str, str, State[Report]]:
    """Return the final state's name and message, and the state itself."""
    ended, message = _ended(report, delivery), _message(report, delivery)
    return ended.state_name, message, final_state(ended, message, report)


def final_state(ended: Ended, message: str, data: Any) -> State[Any]:
    """Return the state that a run ends in."""
    make: Any = Completed if ended.is_success else Failed
    state: State[Any] = make(name=ended.state_name, message=message, data=data)
    return state


def _ended(report: Report, delivery: Delivery | BaseException) -> Ended:
    if isinstance(delivery, BaseException):
        return Ended.FAILED
    if report.entries or delivery.state == "unknown":
        return FATES[delivery.state]
    return _without_forecasts(report.failures)


def _without_forecasts(failures: Sequence[SymbolFailure]) -> Ended:
    kinds = {_ended_by(failure) for failure in failures}
    return kinds.pop() if len(kinds) == 1 else Ended.FAILED


def _ended_by(failure: SymbolFailure) -> Ended:
    """Return what became of the slot for a symbol that could not be forecast."""
    if failure.error == "StaleData":
        return Ended.STALE
    return Ended.QUOTA if failure.kind == "quota" else Ended.FAILED


def _message(report: Report, delivery: Delivery | BaseException) -> str:
    counts = f"{len(report.entries)} forecast, {len(report.failures)} failed"
    reasons = [failure.reason for failure in report.failures]
    return "; ".join((counts, mail_fate(delivery), *reasons))


def mail_fate(delivery: Delivery | BaseException) -> str:
    """Say in words what became of the mail."""
    if isinstance(delivery, Delivery):
        return delivery.message
    if isinstance(delivery, NextcloseError):
        return f"not mailed: {delivery}"
    return redact(f"not mailed: unexpected {type(delivery).__name__}: {delivery}. Please report this")


def outcomes_of(report: Report, delivery: Delivery | BaseException) -> list[Outcome]:
    """Return how the run ended for each symbol."""
    made = [_made(entry, delivery) for entry in report.entries]
    return made + _failed(report.failures, report.origin, report.interval)


def _made(entry: Entry, delivery: Delivery | BaseException) -> Outcome:
    p, forecast_id = entry.forecast.prediction, entry.forecast.forecast_id
    kept = Outcome(p.symbol, p.origin, p.interval, p.as_of, "forecast", forecast_id=forecast_id)
    if not isinstance(delivery, Delivery):
        return kept._replace(step="notify", reason=mail_fate(delivery), ended=Ended.FAILED)
    item = MailItem(p.symbol, "forecast", p.as_of)
    return kept._replace(reason=delivery.whys.get(item), ended=FATES[delivery.fates[item]])


def _failed(failures: Sequence[SymbolFailure], origin: Origin, interval: Interval) -> list[Outcome]:
    return [Outcome(f.symbol, origin, interval, f.due, f.kind, f.step, f.reason, ended=_ended_by(f)) for f in failures]


def evaluation_ending(made: Evaluation) -> tuple[str, str, State[Evaluation]]:
    """Return the final state's name and message, and the state itself."""
    ended = _without_forecasts(made.failures)
    name = "Evaluated" if made.held else ended.state_name
    counts = f"{len(made.held)} compared, {len(made.failures)} failed"
    message = "; ".join((counts, made.verdict, *(failure.reason for failure in made.failures)))
    make: Any = Completed if made.held or ended.is_success else Failed
    return name, message, make(name=name, message=message, data=made)


def evaluation_outcomes(made: Evaluation, origin: Origin) -> list[Outcome]:
    """Return how the run ended for each symbol."""
    held = [Outcome(one.symbol, origin, made.interval, one.as_of, "evaluated") for one in made.held]
    return held + _failed(made.failures, origin, made.interval)
