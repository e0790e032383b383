"""An evaluation as markdown, for Prefect's UI, and as text, for terminals."""

from flows.core.evaluation import Evaluation
from flows.publishers import markdown
from flows.publishers.evaluation_chart import draw_evaluation
from flows.publishers.evaluation_words import EvaluationWords, evaluation_words
from flows.publishers.text import listed, table_text


def evaluation_markdown(made: Evaluation) -> str:
    """Return an evaluation as markdown, its chart inside."""
    words = evaluation_words(made)
    blocks = [
        f"# {markdown.plain(words.title)}",
        f"> **{words.banner}**" if words.banner else "",
        markdown.listed(words.verdict),
        *(_figures(made, words) if made.held else ()),
        markdown.titled("## Not compared", [f"{symbol}, {reason}" for symbol, reason in words.failures]),
        markdown.titled("## Notes", words.notes),
        markdown.folded("How to read this", words.glossary),
        markdown.folded("What was used", words.parts),
        markdown.plain(words.made),
    ]
    return "\n\n".join(block for block in blocks if block)


def _figures(made: Evaluation, words: EvaluationWords) -> tuple[str, ...]:
    return (
        f"![{markdown.plain(words.title)}]({markdown.data_uri(draw_evaluation(made, 'svg'))})",
        f"## By model\n\n{markdown.table(words.by_model)}",
        f"## By symbol\n\n{markdown.table(words.by_symbol)}",
    )


def evaluation_text(made: Evaluation) -> str:
    """Return an evaluation as plain text."""
    words = evaluation_words(made)
    tables = [f"By model\n{table_text(words.by_model)}", f"By symbol\n{table_text(words.by_symbol)}"]
    blocks = [
        f"{words.title}\n{'=' * len(words.title)}",
        words.banner,
        *(tables if made.held else ()),
        "\n".join(words.verdict),
        listed("Not compared", [f"{symbol}, {reason}" for symbol, reason in words.failures]),
        listed("Notes", words.notes),
        listed("How to read this", words.glossary),
        listed("What was used", words.parts),
        words.made,
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"
