"""A browser in front of a site: what a person clicks, reads and sees."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Locator, Page, sync_playwright

from tests.operating.site import ROOT, Site

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PICTURES = ROOT / ".nextclose" / "browser"
WIDTH, HEIGHT = 1280, 1000
TRIES, SUBMIT_MS = 5, 15_000
SETTLED_MS = 700
BUSY = 503
"""What Prefect's server answers while its database is locked; the form stays, and can be sent again."""


def chromium_or_skip() -> str:
    """Return the browser's path, or leave the tests out where there is none."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        refuse = pytest.fail if os.environ.get("NEXTCLOSE_REQUIRE_BROKER") == "1" else pytest.skip
        refuse("the UI is tested in Chromium, and none is installed: `chromium` of your system's packages is enough")
    return found


class Screen:
    """One page of the browser, at a site."""

    def __init__(self, page: Page, site: Site, pictures: Path = PICTURES) -> None:
        """Keep the pictures in a folder."""
        self.page, self.site, self.pictures = page, site, pictures
        page.set_default_timeout(60_000)
        pictures.mkdir(parents=True, exist_ok=True)

    def go(self, path: str) -> None:
        """Open a page of the UI by its address."""
        self.page.goto(f"http://127.0.0.1:{self.site.port}/{path}")

    def rest(self) -> None:
        """Leave the UI: without a graphics card a page that moves keeps a processor busy."""
        self.page.goto("about:blank")

    def shot(self, name: str, height: int = HEIGHT) -> None:
        """Keep a picture of the page, when it has come to rest."""
        self.page.set_viewport_size({"width": WIDTH, "height": height})
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=self.pictures / f"{name}.png")
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def see(self, words: str, *, exact: bool = False, seconds: float = 60) -> Locator:
        """Wait until words stand on the page; return where."""
        found = self.page.get_by_text(words, exact=exact).first
        try:
            found.wait_for(timeout=1000 * seconds)
        except Error as error:
            raise AssertionError(f"no {words!r} on {self.page.url}; there stands:\n{self.words()}") from error
        return found

    def tab(self, name: str) -> None:
        """Open one of a page's tabs."""
        self.page.get_by_text(name, exact=True).first.click()

    def words(self) -> str:
        """Return all that can be read on the page, each line without blanks around it."""
        return "\n".join(line.strip() for line in self.page.inner_text("#app").splitlines() if line.strip())

    def open_form(self, flow: str) -> None:
        """Go to the run form of a flow's deployment `ad-hoc`, by clicks from the list of deployments."""
        self.go("deployments")
        self.page.locator("tr", has_text=flow).get_by_role("link", name="ad-hoc", exact=True).click()
        self.page.get_by_role("button", name="Run", exact=True).click()
        self.page.get_by_text("Custom run").click()
        self.see("latest_start_minutes (Optional)", exact=True)
        self.page.wait_for_timeout(SETTLED_MS)  # The form's values come a moment after its fields.

    def fields(self) -> Mapping[str, str]:
        """Return the form's fields in their order, each with its help text."""
        labels = self.page.locator(".p-label", has=self.page.locator(".p-label__description"))
        heads = (label.locator("label").first.inner_text() for label in labels.all())
        helps = (label.locator(".p-label__description").first.inner_text() for label in labels.all())
        return {
            head.strip().removesuffix(" (Optional)"): words.strip() for head, words in zip(heads, helps, strict=True)
        }

    def choices(self, field: str) -> list[str]:
        """Return what a drop-down offers, by opening it as the keyboard does."""
        self.page.locator(".p-label", has_text=field).locator(".p-select-button__control").first.focus()
        self.page.keyboard.press("Space")
        found = self.page.locator(".p-select-option__text")
        found.first.wait_for()
        return found.all_inner_texts()

    def write(self, field: Locator, words: str) -> None:
        """Type into a field; again, if a form that was still loading has taken it back."""
        for _ in range(TRIES):
            field.fill(words)
            self.page.wait_for_timeout(SETTLED_MS)
            if field.input_value() == words:
                return
        raise AssertionError(f"{words!r} does not stay in its field")

    def submit(self, button: str = "Submit", answered: str = "**/create_flow_run") -> dict[str, Any]:
        """Click a form's last button, again if the form was not ready; return what the server answers to it."""
        for _ in range(TRIES):
            try:
                with self.page.expect_response(answered, timeout=SUBMIT_MS) as answer:
                    self.page.get_by_role("button", name=button, exact=True).click(timeout=SUBMIT_MS)
            except Error:
                continue
            if answer.value.status == BUSY:
                continue
            taken: dict[str, Any] = answer.value.json()
            return taken
        raise AssertionError(f"the form was not sent; there stands:\n{self.words()}")

    def begin(self, flow: str, symbol: str = "") -> str:
        """Begin a run by typing and clicking, again if the form lost what was typed while it loaded; return the run's id."""
        said: dict[str, Any] = {}
        for _ in range(TRIES):
            self.open_form(flow)
            if symbol:
                self.write(self.page.locator("textarea").first, symbol)
            said = self.submit()
            if "id" in said:
                return str(said["id"])
        raise AssertionError(f"no run of {flow} was begun: {said}")

    def artifact(self, key: str, run: str) -> None:
        """Open a run's artifact, by clicks from the run's page."""
        self.go(f"runs/flow-run/{run}")
        self.tab("Artifacts")
        self.page.locator("a[href*='/artifacts/artifact/']", has_text=key).first.click()
        self.see("Show raw data")


@contextmanager
def screen_at(site: Site, program: str, pictures: Path = PICTURES) -> Iterator[Screen]:
    """Start the browser in front of a site."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, timezone_id="UTC", locale="en-GB", reduced_motion="reduce"
        )
        yield Screen(page, site, pictures)
        browser.close()
