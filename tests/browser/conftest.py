"""One site and one browser for all tests of this folder."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from flows.core.calendars import calendar_of
from tests.answers import daily
from tests.browser.place import place
from tests.browser.screen import Screen, chromium_or_skip, screen_at
from tests.operating.site import Site
from tests.servers import market


@pytest.fixture(scope="package")
def program() -> str:
    """The browser."""
    return chromium_or_skip()


@pytest.fixture(scope="package")
def site(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site as after the README's steps, with mail and a watchlist."""
    last = calendar_of("IBM").slot(datetime.now(UTC)).as_of.label
    with (
        market(lambda query: daily(query["symbol"], last)) as server,
        place(tmp_path_factory.mktemp("site"), server.url) as made,
    ):
        yield made


@pytest.fixture(scope="package")
def screen(site: Site, program: str) -> Iterator[Screen]:
    """The browser in front of the site."""
    with screen_at(site, program) as made:
        yield made


@pytest.fixture(scope="package")
def ibm(screen: Screen) -> str:
    """The id of a run of IBM that was typed and clicked, and followed to its end."""
    screen.open_form("forecast-symbol")
    screen.page.locator("textarea").first.fill("IBM")
    screen.submit()
    return followed(screen, "21-run")


@pytest.fixture(scope="package")
def watchlist(screen: Screen, ibm: str) -> str:
    """The id of a run of the watchlist that was clicked after that of IBM."""
    screen.open_form("forecast-watchlist")
    screen.submit()
    return followed(screen, "31-watchlist-run")


def followed(screen: Screen, picture: str) -> str:
    """Click on what the UI says about a run that it has just begun, and wait for its end; return the run's id."""
    # The message moves while it is shown, so that no pointer would hit it in time.
    screen.page.get_by_text("View run", exact=True).last.dispatch_event("click")
    screen.page.wait_for_url("**/runs/flow-run/*")
    found = re.search(r"flow-run/([0-9a-f-]{36})", screen.page.url)
    assert found is not None
    screen.site.wait_for_state(found[1], "Sent", seconds=120)
    screen.page.reload()  # By itself the page looks again every ten seconds or so.
    screen.see("Sent", exact=True)
    screen.shot(picture, 2600)
    return found[1]
