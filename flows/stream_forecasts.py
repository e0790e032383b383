"""Forecast after every bar, as it arrives on Kafka."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.parameters import VENDOR, SourceChoice
from flows.stream_story import stream


@flow(name="stream-forecasts", flow_run_name="stream")
def stream_forecasts(idle_minutes: float | None = None, source: SourceChoice = VENDOR) -> State[str]:
    """Make one forecast for every new bar on the bars topic, until it is stopped.

    Args:
        idle_minutes: End by itself after so many minutes without a record; leave it empty to run until it is stopped.
        source: Whose bars they are: the block of this name tells their origin, and with it the topic.
    """
    return stream(str(source), idle_minutes)
