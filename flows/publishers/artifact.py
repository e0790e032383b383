"""The report in Prefect's UI."""

import re
from collections.abc import Mapping, Sequence

from prefect.artifacts import create_markdown_artifact

from flows.core.report import Report, subject
from flows.publishers.markdown import folded, plain
from flows.publishers.pages import as_markdown


def artifact_key(report: Report) -> str:
    """Return the key under which a report's versions are collected: one a symbol, one for watchlists."""
    symbols = [*(entry.symbol for entry in report.entries), *(failure.symbol for failure in report.failures)]
    name = symbols[0] if len(symbols) == 1 else "watchlist"
    return "forecast-" + re.sub(r"[^a-z0-9]+", "-", f"{name}-{report.interval}".lower()).strip("-")


def publish_artifact(report: Report) -> None:
    """Write the report where the run's page shows it."""
    create_markdown_artifact(as_markdown(report), key=artifact_key(report), description=subject(report))


def publish_explanation(sentences: Sequence[str], numbers: Mapping[str, Sequence[str]]) -> None:
    """Write what became of each symbol of a run, so that nobody has to ask why there was no mail.

    Args:
        sentences: One a symbol.
        numbers: By symbol, where the number in its forecast comes from.
    """
    fates = "\n".join(f"- {plain(sentence)}" for sentence in sentences)
    sources = [folded(f"Where the number for {symbol} comes from", lines) for symbol, lines in numbers.items()]
    create_markdown_artifact(
        "\n\n".join((fates, *sources)), key="explanation", description="What became of each symbol"
    )
