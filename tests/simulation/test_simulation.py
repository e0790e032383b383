"""Tests of a simulated time: every slot has an outcome, the mails' figures are right, and no as-of is mailed twice."""

import json
import time
from datetime import date

import pytest

from flows.embedded.state import state_directory
from tests.broker.node import ROOT
from tests.simulation.play import Simulation
from tests.simulation.vendor import SYMBOLS, Vendor


def test_a_month(simulation: Simulation) -> None:
    """With Thanksgiving, an early close, a split and a delisting, one answer in ten failing."""
    vendor = Vendor(
        date(2025, 11, 10), date(2025, 12, 9), {"AAA": (date(2025, 11, 24), 4.0)}, ("BBB", date(2025, 11, 28))
    )
    simulation.play(vendor, SYMBOLS[:2])
    assert simulation.check() == []
    assert vendor.failed > 0
    assert simulation.office.mails


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_a_year(simulation: Simulation) -> None:
    """250 sessions, five symbols, two splits, one delisting, holidays, early closes, corrections."""
    began = time.monotonic()
    vendor = Vendor(
        date(2025, 6, 2),
        date(2026, 6, 1),
        {"BBB": (date(2025, 9, 15), 4.0), "DDD": (date(2026, 2, 2), 0.2)},
        ("EEE", date(2026, 1, 30)),
    )
    simulation.play(vendor)
    found = simulation.check()
    figures = {
        "runs": len(simulation.runs),
        "states": dict(simulation.states),
        "mails": len(simulation.office.mails),
        "mails in doubt": simulation.office.lost,
        "answers": vendor.asked,
        "of them failed": vendor.failed,
        "deviations": len(found),
        "seconds": round(time.monotonic() - began),
    }
    place = state_directory(ROOT) / "torture" / "year.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(figures)  # noqa: T201 - the figures are what it is for
    assert found == []
