"""The story that the streaming flow tells."""

import logging
from datetime import UTC, datetime

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows.core.recipe import Recipe
from flows.ledger.runs import keep_run
from flows.live import follow
from flows.parts import parts_in_use
from flows.steps import Run
from flows.stopping import until_told


def stream(source: str, idle_minutes: float | None, recipe: Recipe) -> State[str]:
    """Follow the bars topic until SIGTERM, or until nothing has come for a while; return how it ended."""
    logger = get_run_logger()
    logging.getLogger("nextclose").setLevel(logger.getEffectiveLevel())
    with parts_in_use(source) as parts, until_told() as stopped:
        for line in parts.lines:
            logger.info(line)
        now = datetime.now(UTC)
        run = Run(str(flow_run.id), str(flow_run.flow_name), now, now)
        done = follow(parts, run, stopped, None if idle_minutes is None else idle_minutes * 60, recipe)
        name = "Stopped" if stopped() else "Idle"
        keep_run(done.engine, run.run_id, run.flow, now, name, done.sentence, [])
        return Completed(name=name, message=done.sentence, data=done.sentence)
