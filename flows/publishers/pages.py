"""The same words as HTML, for mails, and as markdown, for Prefect's UI."""

from collections.abc import Sequence
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from flows.core.report import Report
from flows.publishers.chart import draw
from flows.publishers.contest_words import Table
from flows.publishers.markdown import data_uri, folded, listed, plain, table, titled
from flows.publishers.record_chart import draw_record
from flows.publishers.words import Section, Words, in_words


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("flows.publishers"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def as_html(words: Words, charts: Sequence[str], records: Sequence[str | None]) -> str:
    """Return the words as a page.

    Args:
        words: What it says.
        charts: One image address a section.
        records: One more a section, or None, of the track record's chart.
    """
    return _environment().get_template("mail.html.j2").render(words=words, charts=charts, records=records)


def as_markdown(report: Report) -> str:
    """Return a report as markdown, its charts inside."""
    words = in_words(report)
    charts = [data_uri(draw(entry.forecast.prediction, "svg")) for entry in report.entries]
    records = [draw_record(entry.record.recent, entry.forecast.prediction, "svg") for entry in report.entries]
    drawn = zip(words.sections, charts, records, strict=True)
    blocks = [
        f"> **{plain(words.banner)}**" if words.banner else "",
        *(block for section, chart, record in drawn for block in _section(section, chart, record)),
        titled("# No forecast", [f"{symbol}, {reason}" for symbol, reason in words.failures]),
        titled("## Notes", words.notes),
        folded("How to read this", words.glossary),
        folded("What was used", words.parts),
        plain(words.made),
    ]
    return "\n\n".join(block for block in blocks if block)


def _section(section: Section, chart: str, record: bytes | None) -> list[str]:
    return [
        f"# {plain(section.title)}",
        table(Table(section.facts[0], section.facts[1:]), numbers=False),
        f"![Chart of {plain(section.title)}]({chart})",
        f"## Comparison of models\n\n{table(section.models)}",
        listed(section.verdict),
        titled("## Track record", section.record),
        table(section.figures) if section.figures else "",
        f"![Chart of the track record]({data_uri(record)})" if record else "",
        titled("## Notes on this symbol", section.notes),
    ]
