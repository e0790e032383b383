"""``nextclose doctor``: what is set up, what is wrong with it, and what to do."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.session import prefect_ready, say
from flows.core.errors import FixConfiguration, NextcloseError

if TYPE_CHECKING:
    from flows.core.checks import Check
    from flows.stored_blocks import Faults

MARKS = {"ok": "ok     ", "warning": "look at", "broken": "BROKEN "}


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask the source of bars for nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Check all that runs need: this installation, Kafka, ledger, mail server, source, Prefect and its worker.

    Nothing is changed, no mail is sent, and Alpha Vantage is asked once at most. Exits with 1 if anything is broken.
    """
    found = []
    for one in _all(offline=offline):
        found.append(one)
        if not as_json:
            print(_line(one), flush=True)
    if as_json:
        print(json.dumps([one._asdict() for one in found], indent=2, ensure_ascii=False))
    if any(one.state == "broken" for one in found):
        raise typer.Exit(1)


def _all(*, offline: bool) -> "Iterator[Check]":
    from flows.checking.installation import check_installation
    from flows.core.checks import broken

    yield from check_installation(datetime.now(UTC))
    try:
        with prefect_ready(quiet=True):
            yield from _with_prefect(offline=offline)
    except FixConfiguration as error:
        yield broken("Prefect server", error, "make up")


def _with_prefect(*, offline: bool) -> "Iterator[Check]":
    from flows import checking
    from flows.core.checks import broken
    from flows.parts import parts_in_use

    say("nextclose: looking at Prefect …")
    yield from checking.check_server()
    yield from _watchlist()
    try:
        faults: Faults = {}
        with parts_in_use(faults=faults) as parts:
            say("nextclose: asking Kafka, the ledger, the mail server and the source …")
            yield from checking.check_all(parts, faults, offline=offline)
    except NextcloseError as error:
        yield broken("blocks", error, checking.MEND)


def _watchlist() -> "Iterator[Check]":
    from flows.checking.installation import check_calendars
    from flows.watchlist import watchlist

    yield from check_calendars(watchlist(), datetime.now(UTC).date())


def _line(one: "Check") -> str:
    mend = f"\n           {one.mend}" if one.mend else ""
    return f"{MARKS[one.state]}  {one.name}: {one.found}{mend}"
