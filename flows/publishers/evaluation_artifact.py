"""An evaluation in Prefect's UI."""

from prefect.artifacts import create_markdown_artifact

from flows.core.evaluation import Evaluation
from flows.publishers.evaluation_pages import evaluation_markdown
from flows.publishers.evaluation_words import title


def publish_evaluation(made: Evaluation) -> None:
    """Write an evaluation where the run's page shows it; the interval's evaluations are versions of one artifact."""
    create_markdown_artifact(
        evaluation_markdown(made), key=f"evaluation-{made.interval}", description=f"{title(made)}: {made.verdict}"
    )
