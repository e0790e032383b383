"""How a run begins, and how it ends if it breaks: each leaves its trace in the ledger, so that every slot can be explained."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from prefect import get_run_logger
from prefect.context import FlowRunContext
from prefect.runtime import flow_run

from flows.core.errors import NextcloseError
from flows.core.forecast import failure_of
from flows.core.redaction import sealed
from flows.core.request import Request
from flows.core.slots import Ended
from flows.ledger.runs import Begun, Outcome, begin_run, keep_run
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps import Run


def begin(request: Request, parts: Parts) -> tuple[Run, datetime]:
    """Say what is used, and write down that a run has begun; return which run this is, and what the clock says."""
    logger = get_run_logger()
    # Prefect hands our messages to its handlers, and leaves their level to us.
    logging.getLogger("nextclose").setLevel(logger.getEffectiveLevel())
    for line in parts.lines:
        logger.info(line)
    clock = datetime.now(UTC)
    now = request.now or clock
    issued_at = clock if parts.origin == "live" else now
    run = Run(str(flow_run.id), str(flow_run.flow_name), now, issued_at, request.now is not None, *schedule())
    begun = Begun(
        run.run_id,
        run.flow,
        now,
        parts.origin,
        request.interval,
        request.symbols,
        clock,
        run.scheduled_for,
        run.deployment,
    )
    begin_run(open_ledger(parts.ledger, parts.origin), begun)
    return run, clock


def schedule() -> tuple[datetime | None, str | None]:
    """Return when this run's schedule wanted it to begin, None where a person did, and its deployment."""
    context = FlowRunContext.get()
    found = context.flow_run if context is not None else None
    if found is None or found.deployment_id is None:
        return None, None
    # Whoever runs a failed run again wants it now.
    by_schedule = found.auto_scheduled and (found.run_count or 0) <= 1
    return found.expected_start_time if by_schedule else None, str(found.deployment_id)


@contextmanager
def accounted(parts: Parts, run: Run, request: Request) -> Iterator[None]:
    """Write down that a run has failed, and why, if it breaks before it could end by itself."""
    try:
        with sealed(parts.secrets):
            yield
    except Exception as error:
        failures = [failure_of(symbol, "request", error, "") for symbol in request.symbols]
        symbols = [
            Outcome(f.symbol, parts.origin, request.interval, "", f.kind, reason=f.reason, ended=Ended.FAILED)
            for f in failures
        ]
        message = failures[0].reason if failures else type(error).__name__
        engine, name = open_ledger(parts.ledger, parts.origin), Ended.FAILED.state_name
        try:
            keep_run(engine, run.run_id, run.flow, run.now, name, message, symbols, datetime.now(UTC))
        except NextcloseError:
            # The ledger itself may be what is broken; the run's own error says more.
            logging.getLogger("nextclose").warning("the ledger cannot keep how this run ended")
        raise
