"""The pages that list what there is."""

from pathlib import Path

import yaml

from tests.browser.screen import Screen
from tests.operating.site import ROOT, Site

AUTOMATIONS = yaml.safe_load(Path(ROOT / "automations.yaml").read_text(encoding="utf-8"))["automations"]
DEPLOYMENTS = yaml.safe_load(Path(ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


def test_every_automation_is_listed_and_switched_on(screen: Screen) -> None:
    """Six, each with the sentence that says when it mails."""
    screen.go("automations")
    screen.see(f"{len(AUTOMATIONS)} automations")
    screen.shot("51-automations", 1900)
    for automation in AUTOMATIONS:
        screen.see(automation["name"], exact=True)
        screen.see(automation["description"].split(" (")[0])
    switches = screen.page.locator("[role=switch], .p-toggle__control")
    assert switches.evaluate_all("all => all.filter(one => one.checked || one.ariaChecked == 'true').length") == 6


def test_every_deployment_is_listed_with_its_tags(screen: Screen) -> None:
    """By the list alone one sees which are scheduled."""
    screen.go("deployments")
    screen.see(f"{len(DEPLOYMENTS)} Deployments")
    screen.shot("52-deployments")
    rows = screen.page.locator("tbody tr", has_text="scheduled")
    assert sorted(rows.locator(".deployment-list__name").all_inner_texts()) == ["after-close", "daily", "weekly"]


def test_the_daily_deployment_says_what_it_is_for(screen: Screen, site: Site) -> None:
    """Description, schedule and tags, in full."""
    screen.go(f"deployments/deployment/{site.deployment('forecast-watchlist/daily')['id']}")
    screen.see("before-the-close", exact=True)
    screen.tab("Description")
    screen.see("Before the close of every trading day: the next close of each symbol on the watchlist, by mail.")
    screen.shot("53-daily")
    assert {"nextclose", "scheduled"} <= set(screen.words().splitlines())


def test_the_runs_are_listed_by_what_they_forecast(screen: Screen, ibm: str, watchlist: str) -> None:
    """Names, states and symbols as tags, below the timeline."""
    screen.go("runs")
    screen.see("watchlist daily")
    screen.shot("54-runs")
    lines = screen.words().splitlines()
    assert lines.count("Sent") == 2
    assert {"IBM", "MSFT", "AAPL", "nextclose"} <= set(lines)
