"""One line of the doctor's."""

import re
from typing import Literal, NamedTuple

AGAIN = "It can be tried again"
"""How the advice of an error begins that may pass: nothing to a person who asks what is broken."""
_STEP = re.compile(r"^(?:request|doctor|notify): ")


class Check(NamedTuple):
    """What was looked at, what was found, and what to do about it."""

    name: str
    state: Literal["ok", "warning", "broken"]
    found: str
    mend: str = ""


def broken(name: str, error: Exception, mend: str) -> Check:
    """Return what an error says of a part, without the step in which it was found.

    Args:
        name: The part.
        error: One of ours: what was found, and after its first sentence mostly what to do.
        mend: What to do where the error does not say it.
    """
    found, _, advice = _STEP.sub("", str(error)).partition(". ")
    return Check(name, "broken", found, mend if advice.startswith(AGAIN) else advice or mend)
