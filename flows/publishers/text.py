"""The words as plain text, for mails and terminals."""

from collections.abc import Sequence

from flows.publishers.contest_words import Table
from flows.publishers.words import Section, Words


def as_text(words: Words) -> str:
    """Return the words as plain text."""
    blocks = [words.banner, *(_section_text(section) for section in words.sections)]
    blocks += [listed("No forecast", [f"{symbol}, {reason}" for symbol, reason in words.failures])]
    blocks += [listed("Notes", words.notes), listed("How to read this", words.glossary)]
    blocks += [listed("What was used", words.parts), words.made]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _section_text(section: Section) -> str:
    width = max(len(label) for label, _ in section.facts) + 2
    facts = [f"{label + ':':<{width}}{value}" for label, value in section.facts]
    parts = [
        f"{section.title}\n{'=' * len(section.title)}",
        "\n".join(facts),
        "\n".join(("Comparison of models", table_text(section.models), *(f"  - {line}" for line in section.verdict))),
        "\n".join(
            (listed("Track record", section.record), *([table_text(section.figures)] if section.figures else ()))
        ),
        listed("Notes on this symbol", section.notes),
    ]
    return "\n\n".join(part for part in parts if part)


def table_text(table: Table) -> str:
    """Return a table in columns of equal width."""
    widths = [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (table.head, *table.rows)
    ]
    return "\n".join(f"  {line.rstrip()}" for line in lines)


def listed(title: str, lines: Sequence[str]) -> str:
    """Return a list under its title, or nothing where there are no lines."""
    return "\n".join([title, *(f"  - {line}" for line in lines)]) if lines else ""
