"""What the doctor looks at."""

from flows.core.checks import Check
from flows.core.errors import NextcloseError
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.stream.check import check_cluster


def check_all(parts: Parts) -> list[Check]:
    """Look at every part of a run; what one look finds does not keep the next from being taken."""
    return [*check_cluster(parts.kafka, parts.origin), _check_ledger(parts)]


def _check_ledger(parts: Parts) -> Check:
    line = next((line for line in parts.lines if line.startswith("ledger: ")), "ledger: ")
    try:
        open_ledger(parts.ledger, parts.origin)
    except NextcloseError as error:
        return Check("ledger", "broken", str(error))
    return Check("ledger", "ok", f"{line.removeprefix('ledger: ')}, tables of the newest version")
