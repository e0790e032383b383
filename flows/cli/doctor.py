"""``nextclose doctor``: what is set up, what is wrong with it, and what to do."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.session import prefect_ready, say

if TYPE_CHECKING:
    from flows.core.checks import Check

MARKS = {"ok": "ok     ", "warning": "look at", "broken": "BROKEN "}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Check the Kafka cluster, its topics and what this user may do with them, and the ledger; nothing is changed.

    Exits with 1 if anything is broken.
    """
    with prefect_ready(quiet=True):
        from flows.checking import check_all
        from flows.parts import parts_in_use

        with parts_in_use() as parts:
            say("nextclose: asking Kafka …")
            found = check_all(parts)
    if as_json:
        print(json.dumps([one._asdict() for one in found], indent=2, ensure_ascii=False))
    else:
        print("\n".join(_line(one) for one in found))
    if any(one.state == "broken" for one in found):
        raise typer.Exit(1)


def _line(one: "Check") -> str:
    mend = f"\n           {one.mend}" if one.mend else ""
    return f"{MARKS[one.state]}  {one.name}: {one.found}{mend}"
