"""Tests of the doctor's look at this machine."""

import platform
from datetime import UTC, date, datetime

import pytest

from flows.checking import installation
from flows.checking.installation import check_calendars, check_clock, check_installation, check_packages
from flows.core.checks import Check
from flows.core.zones import MEND

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_this_installation_is_well() -> None:
    """Python, packages, zones and clock, each with what was found."""
    found = check_installation(NOW)
    assert [(one.name, one.state, one.mend) for one in found] == [
        (name, "ok", "") for name in ("Python", "packages", "time zones", "clock")
    ]
    assert platform.python_version() in found[0].found


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("numpy>=99", "has to be >=99"),
        ("sqlalchemy<2", "has to be <2"),
        ("no-such-package>=1", "no-such-package is not installed"),
    ],
)
def test_a_package_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch, wanted: str, told: str) -> None:
    """With what it has to be, and how to mend it."""
    monkeypatch.setattr(installation, "requires", lambda _: [wanted, "pandas>=2", "arch>=99; extra == 'garch'"])
    found = check_packages()
    assert (found.state, told in found.found, "requirements.lock" in found.mend) == ("broken", True, True)


def test_another_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the versions that do."""
    monkeypatch.setattr(platform, "python_version", lambda: "3.9.2")
    found = installation.check_python()
    assert (found.state, "3.9.2, and nextclose needs" in found.found, "PYTHON=" in found.mend) == ("broken", True, True)


def test_old_zone_data_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found, and the mend on its own line."""
    monkeypatch.setattr(installation, "fault_in_zones", lambda: "it is old: Casablanca")
    assert installation.check_zones() == Check("time zones", "broken", "it is old: Casablanca", MEND)


def test_a_clock_of_the_past_is_named() -> None:
    """As after an empty battery."""
    found = check_clock(datetime(2001, 1, 1, tzinfo=UTC))
    assert (found.state, "timedatectl" in found.mend) == ("broken", True)


@pytest.mark.parametrize(
    ("today", "state"), [("2026-11-26", "ok"), ("2026-12-15", "warning"), ("2027-01-05", "broken")]
)
def test_a_calendar_that_ends_soon_is_named(today: str, state: str) -> None:
    """Mumbai's holidays are known to the end of a year only; New York's much further."""
    new_york, mumbai = check_calendars(["IBM", "MSFT", "RELIANCE.BSE"], date.fromisoformat(today))
    assert (new_york.state, mumbai.state) == ("ok", state)
    assert "XBOM are known to 2026-12-31" in mumbai.found
    assert ("exchange-calendars" in mumbai.mend) is (state != "ok")


def test_a_watchlist_with_an_unknown_exchange_is_named() -> None:
    """With the variable to mend."""
    (found,) = check_calendars(["IBM.XYZ"], NOW.date())
    assert (found.state, "IBM.XYZ" in found.found, "nextclose_watchlist" in found.mend) == ("broken", True, True)
