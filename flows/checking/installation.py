"""The doctor's look at this machine: Python, packages, time zones, calendars, clock."""

import platform
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from flows.core.checks import Check
from flows.core.errors import NextcloseError
from flows.core.sessions import exchange_of
from flows.core.zones import MEND, fault_in_zones

NEWER = datetime(2026, 9, 20, tzinfo=UTC)
"""This code was not written before that."""
ENOUGH = timedelta(days=30)
"""How far ahead an exchange's holidays should be known."""
REINSTALL = "Install what requirements.lock names: make clean, then make demo (it keeps .nextclose)"


def check_installation(now: datetime) -> list[Check]:
    """Look at what can be seen without any server."""
    return [check_python(), check_packages(), check_zones(), check_clock(now)]


def check_python() -> Check:
    """Look at the interpreter."""
    wanted, found = metadata("nextclose")["Requires-Python"], platform.python_version()
    if SpecifierSet(wanted).contains(found):
        return Check("Python", "ok", found)
    mend = "Make the environment anew with another one: make clean, then make PYTHON=python3.12 demo"
    return Check("Python", "broken", f"{found}, and nextclose needs {wanted}", mend)


def check_packages() -> Check:
    """Look whether every package is there, in a version that works."""
    faults = [fault for fault in map(fault_in_package, requires("nextclose") or ()) if fault]
    if faults:
        return Check("packages", "broken", "; ".join(faults), REINSTALL)
    return Check("packages", "ok", f"nextclose {version('nextclose')} with prefect {version('prefect')}")


def fault_in_package(requirement: str) -> str:
    """Return what is wrong with one package; nothing if it is there as wanted."""
    wanted = Requirement(requirement)
    if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
        return ""
    try:
        found = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} is not installed"
    fits = wanted.specifier.contains(found, prereleases=True)
    return "" if fits else f"{wanted.name} is {found}, and has to be {wanted.specifier}"


def check_zones() -> Check:
    """Look whether the time-zone data here knows what it has to."""
    fault = fault_in_zones()
    if fault:
        return Check("time zones", "broken", fault, MEND)
    return Check("time zones", "ok", "the data in use knows Casablanca's change of 2026-09-20, New York's and London's")


def check_clock(now: datetime) -> Check:
    """Look whether the clock may be right."""
    told = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now < NEWER:
        return Check("clock", "broken", f"{told}, which has passed long ago", "Set the clock: timedatectl set-ntp true")
    return Check("clock", "ok", told)


def check_calendars(symbols: Sequence[str], today: date) -> list[Check]:
    """Look how far ahead the holidays of each symbol's exchange are known."""
    checks: list[Check] = []
    ends: dict[str, str] = {}
    for symbol in symbols:
        try:
            exchange = exchange_of(symbol)
        except NextcloseError as error:
            checks.append(Check("watchlist", "broken", str(error), "Mend the variable nextclose_watchlist"))
        else:
            ends[exchange.code] = exchange.last_day
    return [*checks, *(_calendar(code, last, today) for code, last in ends.items())]


def _calendar(code: str, last: str, today: date) -> Check:
    left = date.fromisoformat(last) - today
    found = f"the holidays of {code} are known to {last}"
    if left >= ENOUGH:
        return Check("calendar", "ok", found)
    mend = "Install a newer exchange-calendars: .venv/bin/pip install --upgrade exchange-calendars"
    return Check("calendar", "warning" if left >= timedelta(0) else "broken", found, mend)
