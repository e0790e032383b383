"""What the doctor looks at; a line each, with what was found and the mend."""

from collections.abc import Mapping
from types import MappingProxyType

from flows.checking.installation import check_calendars, check_installation
from flows.checking.ledger import check_ledger
from flows.checking.mail import check_mail
from flows.checking.server import check_server
from flows.checking.source import check_source
from flows.core.checks import Check, broken
from flows.core.errors import NextcloseError
from flows.parts import Parts
from flows.stored_blocks import VENDOR
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

MEND = "nextclose configure, or Prefect's UI"
NO_FAULTS: Mapping[str, NextcloseError] = MappingProxyType({})


def check_all(parts: Parts, faults: Mapping[str, NextcloseError] = NO_FAULTS, *, offline: bool = True) -> list[Check]:
    """Look at every part of a run; what one look finds does not keep the next from being taken.

    Args:
        parts: The parts.
        faults: By block why it cannot be used: that is told, and its part is not looked at.
        offline: Ask the source for nothing; otherwise it is asked once, if the ledger can count the request.
    """
    ledger = [] if "ledger" in faults else check_ledger(parts)
    # Each request is counted there.
    asked = not offline and bool(ledger) and all(one.state != "broken" for one in ledger)
    return [
        *(broken(f"{name} block", error, MEND) for name, error in sorted(faults.items())),
        *([] if "kafka" in faults else check_cluster(parts.kafka, parts.origin)),
        *ledger,
        # The alerts block names the mail server's.
        *([] if faults.keys() - {"kafka", "ledger", VENDOR} else check_mail(parts)),
        *([] if VENDOR in faults else check_source(parts, offline=not asked)),
    ]
