"""The same words as HTML, for mails, and as markdown, for Prefect's UI."""

import base64
import html
import re
from collections.abc import Sequence
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from flows.core.report import Report
from flows.publishers.chart import draw
from flows.publishers.contest_words import Table
from flows.publishers.words import Section, Words, in_words

_MARKS = re.compile(r"([\\`*_{}\[\]<>|#~])")


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("flows.publishers"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def as_html(words: Words, charts: Sequence[str]) -> str:
    """Return the words as a page; `charts` holds one image address a section."""
    return _environment().get_template("mail.html.j2").render(words=words, charts=charts)


def as_markdown(report: Report) -> str:
    """Return a report as markdown, its charts inside."""
    words = in_words(report)
    charts = [_data_uri(draw(entry.forecast.prediction, "svg")) for entry in report.entries]
    blocks = [
        f"> **{_plain(words.banner)}**" if words.banner else "",
        *(block for section, chart in zip(words.sections, charts, strict=True) for block in _section(section, chart)),
        _titled("# No forecast", [f"{symbol}, {reason}" for symbol, reason in words.failures]),
        _titled("## Notes", words.notes),
        _folded("How to read this", words.glossary),
        _folded("What was used", words.parts),
        _plain(words.made),
    ]
    return "\n\n".join(block for block in blocks if block)


def _section(section: Section, chart: str) -> list[str]:
    return [
        f"# {_plain(section.title)}",
        _table(Table(("", ""), section.facts)),
        f"![Chart of {_plain(section.title)}]({chart})",
        f"## Comparison of models\n\n{_table(section.models)}",
        _listed(section.verdict),
        _titled("## Track record", section.record),
        _titled("## Notes on this symbol", section.notes),
    ]


def _table(table: Table) -> str:
    rule = tuple("---" if number == 0 or not table.head[0] else "---:" for number in range(len(table.head)))
    rows = [tuple(map(_plain, row)) for row in table.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in (table.head, rule, *rows))


def _titled(title: str, lines: Sequence[str]) -> str:
    return f"{title}\n\n{_listed(lines)}" if lines else ""


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_plain(line)}" for line in lines)


def _folded(title: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<details><summary>{title}</summary><ul>{items}</ul></details>" if lines else ""


def _plain(text: str) -> str:
    """Keep markdown from reading marks into a text."""
    return _MARKS.sub(r"\\\1", text)


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
