"""Markdown for Prefect's UI, from plain text."""

import base64
import html
import re
from collections.abc import Sequence

from flows.publishers.contest_words import Table

_MARKS = re.compile(r"([\\`*_{}\[\]<>|#~])")


def table(given: Table, *, numbers: bool = True) -> str:
    """Return a table, in which the columns after the first are numbers or words."""
    rule = ("---", *("---:" if numbers else "---" for _ in given.head[1:]))
    rows = [tuple(map(plain, row)) for row in given.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in (given.head, rule, *rows))


def titled(title: str, lines: Sequence[str]) -> str:
    """Return a list under its title, or nothing where there are no lines."""
    return f"{title}\n\n{listed(lines)}" if lines else ""


def listed(lines: Sequence[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {plain(line)}" for line in lines)


def folded(title: str, lines: Sequence[str]) -> str:
    """Return a list that is closed until somebody opens it."""
    # Prefect's page takes the bullets off lists that are written as HTML.
    items = "".join(f"<p>• {html.escape(line)}</p>" for line in lines)
    return f"<details><summary>{title}</summary>{items}</details>" if lines else ""


def plain(text: str) -> str:
    """Keep markdown from reading marks into a text."""
    return _MARKS.sub(r"\\\1", text)


def data_uri(svg: bytes) -> str:
    """Return the address of a picture that holds the picture itself."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
