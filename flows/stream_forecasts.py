"""Forecast after every bar, as it arrives on Kafka."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.core.recipe import ContestKind
from flows.parameters import BEST_MODEL, METHOD, VENDOR, MethodChoice, ModelChoice, SourceChoice, recipe
from flows.stream_story import stream


@flow(name="stream-forecasts", flow_run_name="stream")
def stream_forecasts(
    idle_minutes: float | None = None,
    source: SourceChoice = VENDOR,
    model: ModelChoice = BEST_MODEL,
    contest: ContestKind = ContestKind.RECORDED,
    intervals: MethodChoice = METHOD,
) -> State[str]:
    """Make one forecast for every new bar on the bars topic, until it is stopped.

    Args:
        idle_minutes: End by itself after so many minutes without a record; leave it empty to run until it is stopped.
        source: Whose bars they are: the block of this name tells their origin, and with it the topic.
        model: The model to use; "best" takes the one with the lowest error in the comparison.
        contest: The models to compare after each bar: all of them, only those that cost next to nothing, or none, because the
            winner that evaluate-models has recorded is used (the cheap ones where it has none).
        intervals: How the prediction intervals are made.
    """
    return stream(str(source), idle_minutes, recipe(model, contest, intervals))
