"""Tests of the look at time-zone data."""

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from flows.core.errors import FixConfiguration
from flows.core.zones import KNOWN, fault_in_zones, require_zones

ASK = "from flows.core.zones import fault_in_zones; print(fault_in_zones())"
WRONG = {"Africa/Casablanca": "Etc/GMT-1", "America/New_York": "Etc/GMT+5", "Europe/London": "Etc/GMT"}
"""Zones without the changes that they should know."""


def told(path: str) -> str:
    """Return what a process says of zone data in these folders."""
    environment = {**os.environ, "PYTHONTZPATH": path}
    return subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_new_data_is_well() -> None:
    """What the package tzdata holds."""
    assert fault_in_zones() == ""
    require_zones("doctor")
    assert told("").strip() == ""


@pytest.mark.parametrize("zone", WRONG)
def test_old_data_is_named(zone: str, tmp_path: Path) -> None:
    """The zone, the instant, both offsets, and where the data is read from."""
    place = tmp_path / zone
    place.parent.mkdir()
    source = files("tzdata.zoneinfo")
    for part in WRONG[zone].split("/"):
        source = source / part
    place.write_bytes(source.read_bytes())
    said = told(str(tmp_path))
    assert f"{zone} at 2026-" in said
    assert "should be UTC" in said
    assert f"It is read from {tmp_path}" in said


def test_missing_or_damaged_data_is_named(tmp_path: Path) -> None:
    """A zone's file that is none."""
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "London").write_bytes(b"no zone at all")
    assert "it has no Europe/London" in told(str(tmp_path))


def test_old_data_stops_who_requires_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the step, and what to do."""
    monkeypatch.setattr("flows.core.zones.KNOWN", (KNOWN[0]._replace(hours=7),))
    with pytest.raises(
        FixConfiguration, match=r"^doctor: the time-zone data in use is old: Africa/Casablanca at .*\. Update"
    ):
        require_zones("doctor")
