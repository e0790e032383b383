"""One site and one browser for all tests of this folder."""

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
    return followed(screen, screen.begin("forecast-symbol", "IBM"), "21-run")


@pytest.fixture(scope="package")
def watchlist(screen: Screen, ibm: str) -> str:
    """The id of a run of the watchlist that was clicked after that of IBM; a person has set its contest to the cheap one."""
    deployment = screen.site.deployment("forecast-watchlist/ad-hoc")
    screen.site.ask("PATCH", f"deployments/{deployment['id']}", {"parameters": {"contest": "cheap"}})
    return followed(screen, screen.begin("forecast-watchlist"), "31-watchlist-run")


def followed(screen: Screen, run: str, picture: str) -> str:
    """Wait for the end of a run that has just begun, and go to its page by clicks; return its id."""
    screen.rest()
    screen.site.wait_for_state(run, "Sent")
    screen.go("")
    screen.page.get_by_role("link", name="Runs", exact=True).click()
    screen.page.locator(f"a[href*='/runs/flow-run/{run}']").first.click()
    screen.see("Sent", exact=True)
    screen.shot(picture, 2600)
    return run
