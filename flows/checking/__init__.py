"""What the doctor looks at; a line each, with what was found and the mend."""

from flows.checking.installation import check_calendars, check_installation
from flows.checking.ledger import check_ledger
from flows.checking.mail import check_mail
from flows.checking.server import check_server
from flows.checking.source import check_source
from flows.core.checks import Check
from flows.parts import Parts
from flows.stream.check import check_cluster

__all__ = [
    "check_all",
    "check_calendars",
    "check_installation",
    "check_ledger",
    "check_mail",
    "check_server",
    "check_source",
]


def check_all(parts: Parts, *, offline: bool = True) -> list[Check]:
    """Look at every part of a run; what one look finds does not keep the next from being taken.

    Args:
        parts: The parts.
        offline: Ask the source for nothing; otherwise it is asked once, if the ledger can count the request.
    """
    ledger = check_ledger(parts)
    # Each request is counted there.
    asked = not offline and all(one.state != "broken" for one in ledger)
    return [
        *check_cluster(parts.kafka, parts.origin),
        *ledger,
        *check_mail(parts),
        *check_source(parts, offline=not asked),
    ]
