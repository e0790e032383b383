"""The pictures of the documentation, taken from the real thing: ``python -m tests.browser.pictures``.

A site with the sample's prices, on which the demo's last sessions have been played before.
"""

import os
import tempfile
from datetime import UTC, datetime, time
from pathlib import Path

from playwright.sync_api import FloatRect

from flows.embedded.market import MarketServer, market_server, sessions
from tests.browser.place import place
from tests.browser.screen import Screen, chromium_or_skip, screen_at
from tests.operating.site import ROOT, Site

DOCS = ROOT / "docs"
PLAYED = 20
BEFORE_THE_CLOSE = time(15, 30, tzinfo=UTC)
SYMBOL = "IBM"
SIDEBAR = 250
"""Where the UI's menu ends, in pixels."""
WIDTH = 1200


def main() -> None:
    """Play, look, and keep three pictures."""
    with tempfile.TemporaryDirectory() as folder, market_server() as market:
        paces = {"ALPHAVANTAGE_DAILY_REQUESTS": "", "ALPHAVANTAGE_REQUESTS_PER_SECOND": ""}
        home = Path(folder) / "nextclose"
        home.mkdir()
        with place(home, market.url, ALPHAVANTAGE_OUTPUTSIZE="full", **paces) as site:
            *days, last = sessions(SYMBOL)[-PLAYED:]
            play_before(site, market, days)
            run = play_last(site, market, last)
            with screen_at(site, chromium_or_skip()) as screen:
                look(screen, run)


def instant(day: str) -> datetime:
    """Return when a day's run is: before its close."""
    return datetime.combine(datetime.fromisoformat(day), BEFORE_THE_CLOSE)


def day_before(day: str) -> str:
    """Return the session before."""
    known = sessions(SYMBOL)
    return known[known.index(day) - 1]


def play_before(site: Site, market: MarketServer, days: list[str]) -> None:
    """Make earlier forecasts, so that there is a track record."""
    os.environ.update(site.environment, PREFECT_API_URL=f"http://127.0.0.1:{site.port}/api")
    os.environ.update(PREFECT_HOME=str(site.folder / ".nextclose" / "prefect"))
    os.chdir(site.folder)
    from flows.cli.session import play
    from flows.core.report import Report
    from flows.forecast_symbol import forecast_symbol

    for day in days:
        market.last_day = day_before(day)
        play(Report, forecast_symbol, symbol=SYMBOL, now=instant(day))


def play_last(site: Site, market: MarketServer, day: str) -> str:
    """Let the worker make the newest forecast; return the run's id."""
    market.last_day = day_before(day)
    run = site.begin("forecast-symbol/ad-hoc", symbol=SYMBOL, now=instant(day).isoformat())
    site.wait_for_state(run, "Sent")
    return run


def look(screen: Screen, run: str) -> None:
    """Take the three pictures."""
    screen.page.set_viewport_size({"width": SIDEBAR + WIDTH, "height": 2_400})
    screen.open_form("forecast-symbol")
    screen.page.locator("textarea").first.fill(SYMBOL)
    keep(screen, "run-form", "now (Optional)")
    screen.go(f"runs/flow-run/{run}")
    screen.see("Sent", exact=True)
    screen.page.wait_for_timeout(4_000)  # The graph moves until it fits.
    keep(screen, "run", "ledger: ")
    screen.artifact(f"forecast-{SYMBOL.lower()}-daily", run)
    keep(screen, "report", "Track record")


def keep(screen: Screen, name: str, until: str) -> None:
    """Keep what is beside the menu, from the top to above some words."""
    box = screen.see(until).bounding_box()
    assert box is not None
    screen.page.mouse.click(SIDEBAR + 5, 5)
    screen.page.wait_for_timeout(1_000)
    clip: FloatRect = {"x": SIDEBAR, "y": 0, "width": WIDTH, "height": box["y"] - 14}
    screen.page.screenshot(path=DOCS / f"{name}.png", clip=clip)


if __name__ == "__main__":
    main()
