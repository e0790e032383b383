"""Say what this machine lacks before anything is installed, and how to mend it."""

import importlib.util
import sys


def problem():  # noqa: ANN201 - old Pythons must be able to read this file
    """Return one sentence about what is missing, or None.

    Written so that old Pythons can read it too.
    """
    found = ".".join(str(part) for part in sys.version_info[:3])
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return (
            f"nextclose needs Python 3.11, 3.12 or 3.13; {sys.executable} is {found}. "
            "Install one and run: make PYTHON=python3.12 demo"
        )
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return (
            f"Python {found} has no venv module. On Debian or Ubuntu: "
            "sudo apt-get install python3-venv (elsewhere: a complete Python), then try again."
        )
    return None


if __name__ == "__main__":
    MESSAGE = problem()
    if MESSAGE:
        sys.exit(MESSAGE)
