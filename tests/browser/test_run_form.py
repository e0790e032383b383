"""The form with which a run is asked for."""

from flows.core.bars import Interval
from flows.core.models import MODELS
from tests.browser.screen import Screen
from tests.operating.site import Site


def test_the_symbol_comes_first_and_every_field_is_explained(screen: Screen) -> None:
    """Whoever opens the form types a symbol; each other field has a default and a sentence."""
    screen.open_form("forecast-symbol")
    screen.shot("01-run-form", 2300)
    fields = screen.fields()
    assert list(fields)[:4] == ["symbol", "interval", "model", "contest"]
    assert list(fields)[-1] == "latest_start_minutes"
    assert all(len(words) > 20 and words.endswith(".") for words in fields.values())


def test_interval_and_model_are_chosen_from_lists(screen: Screen) -> None:
    """Nobody has to know how they are spelt."""
    screen.open_form("forecast-symbol")
    assert screen.choices("interval (Optional)") == [*Interval]
    screen.shot("02-intervals")
    screen.page.keyboard.press("Escape")
    assert screen.choices("model (Optional)") == ["best", *MODELS]
    screen.shot("03-models")


def test_a_wrong_symbol_is_refused_before_there_is_a_run(screen: Screen, site: Site) -> None:
    """The form says which field it was, and what may stand there stays readable."""
    screen.open_form("forecast-symbol")
    before = site.ask("POST", "flow_runs/count", {})
    screen.write(screen.page.locator("textarea").first, "I BM")
    screen.submit()
    screen.see("Validation failed for field 'symbol'")
    screen.page.locator("textarea").first.scroll_into_view_if_needed()
    screen.shot("04-refused")
    screen.see(r"'I BM' does not match '^\s{0,}[A-Za-z0-9^][A-Za-z0-9.^=&-]{0,}\s{0,}$'")
    assert screen.page.url.split("?")[0].endswith("/run")
    assert site.ask("POST", "flow_runs/count", {}) == before
