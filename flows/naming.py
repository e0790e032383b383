"""What a run is called in Prefect's UI, and what it can be found by."""

import logging
from collections.abc import Sequence

from httpx import HTTPError
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext

from flows.core.request import Asked, Request
from flows.core.titles import title

MOST_TAGS = 20
"""A run of more symbols than this is not tagged with them."""

_log = logging.getLogger("nextclose")


def call_run(request: Request, asked: Sequence[Asked], task: str = "") -> None:
    """Give this run the name of its symbols and its bars, and its symbols as tags.

    Args:
        request: What was asked.
        asked: The symbols that can be asked for.
        task: What the run does, where that is not a forecast.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or not asked:
        return
    name = title(request.symbols, request.interval, [one.slot for one in asked], task)
    tags = {*context.flow_run.tags, *(request.symbols if len(request.symbols) <= MOST_TAGS else ())}
    try:
        with get_client(sync_client=True) as client:
            client.update_flow_run(context.flow_run.id, name=name, tags=sorted(tags))
    except HTTPError as error:
        # A name is not worth a forecast.
        _log.warning("the run could not be given its name (%s)", type(error).__name__)
