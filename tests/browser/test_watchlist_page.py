"""A run of several symbols."""

from tests.browser.place import SYMBOLS
from tests.browser.screen import Screen


def test_its_progress_is_complete(screen: Screen, watchlist: str) -> None:
    """The bar grows while the run goes on, and ends at 100 %."""
    screen.artifact("progress", watchlist)
    screen.see("Progress: 100%")
    screen.shot("32-progress")


def test_its_report_holds_every_symbol(screen: Screen, watchlist: str) -> None:
    """One report for all, each with a chart that is drawn."""
    screen.artifact("forecast-watchlist-daily", watchlist)
    screen.shot("33-watchlist-report", 2600)
    for symbol in SYMBOLS:
        screen.see(f"{symbol}, daily bars", exact=True)
        chart = screen.page.locator(f"img[alt^='Chart of {symbol}']")
        assert chart.evaluate("one => one.naturalWidth") > 0
