"""``nextclose stream``: forecast after every bar as it arrives, here and now."""

from typing import Annotated

import typer

from flows.cli.session import prefect_ready, say
from flows.core.errors import NextcloseError


def stream(
    idle_minutes: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="MINUTES", help="End by itself after so long without a record; never where not given."
        ),
    ] = None,
    source: Annotated[str, typer.Option(metavar="NAME", help="The block whose bars they are.")] = "alpha-vantage",
) -> None:
    """Make one forecast for every new bar on Kafka, until Ctrl-C or SIGTERM; it goes on where it ended."""
    with prefect_ready():
        from flows.stream_forecasts import stream_forecasts

        state = stream_forecasts(idle_minutes=idle_minutes, source=source, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, NextcloseError):
        raise result
    if not state.is_completed():
        raise NextcloseError(f"the stream ended as {state.name}: {state.message}")
    say("nextclose: the stream has ended; start it again to go on from here")
    print(state.message)
