"""The same words as HTML, for mails, and as markdown, for Prefect's UI."""

import base64
import re
from collections.abc import Sequence
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from flows.core.report import Report
from flows.publishers.chart import draw
from flows.publishers.words import Words, in_words

_MARKS = re.compile(r"([\\`*_{}\[\]<>|#~])")


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("flows.publishers"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["md"] = lambda text: _MARKS.sub(r"\\\1", text)
    return environment


def as_html(words: Words, charts: Sequence[str]) -> str:
    """Return the words as a page; `charts` holds one image address a section."""
    return _environment().get_template("mail.html.j2").render(words=words, charts=charts)


def as_markdown(report: Report, zone: str) -> str:
    """Return a report as markdown, its charts inside."""
    charts = [_data_uri(draw(entry.forecast.prediction, "svg")) for entry in report.entries]
    return _environment().get_template("report.md.j2").render(words=in_words(report, zone), charts=charts)


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
