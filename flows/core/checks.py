"""One line of the doctor's."""

from typing import Literal, NamedTuple


class Check(NamedTuple):
    """What was looked at, what was found, and what to do about it."""

    name: str
    state: Literal["ok", "warning", "broken"]
    found: str
    mend: str = ""
