"""``nextclose stream``: forecast after every bar as it arrives, here and now."""

import logging
import uuid
from datetime import UTC, datetime
from typing import Annotated

import typer

from flows.cli import options
from flows.cli.session import prefect_ready, say


def stream(
    idle_minutes: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="MINUTES", help="End by itself after so long without a record; never where not given."
        ),
    ] = None,
    source: options.Source = "alpha-vantage",
    contest: options.Contest = "recorded",
) -> None:
    """Make one forecast for every new bar on Kafka, until Ctrl-C or SIGTERM; it goes on where it ended.

    The deployment stream-forecasts/live does the same on a worker.
    """
    with prefect_ready():
        from flows.core.recipe import ContestKind, Recipe
        from flows.live import follow
        from flows.parts import parts_in_use
        from flows.steps import Run
        from flows.stopping import until_told

        logging.getLogger("nextclose").setLevel(logging.INFO)
        with parts_in_use(source) as parts, until_told() as stopped:
            for line in parts.lines:
                say(f"nextclose: {line}")
            now = datetime.now(UTC)
            run = Run(str(uuid.uuid4()), "stream", now, now)
            done = follow(
                parts,
                run,
                stopped,
                None if idle_minutes is None else idle_minutes * 60,
                Recipe(contest=ContestKind(contest)),
            )
    say("nextclose: the stream has ended; start it again to go on from here")
    print(done.sentence)
