"""A run's page: its name and state, its log, its graph, its report."""

import re

from tests.browser.place import KEY
from tests.browser.screen import Screen
from tests.operating.site import Site

STEPS = {
    "connect",
    "fetch IBM",
    "clean IBM",
    "produce IBM",
    "consume",
    "forecast IBM",
    "record IBM",
    "report",
    "notify",
}


def test_a_typed_symbol_becomes_a_run_that_is_called_by_what_it_forecasts(screen: Screen, site: Site, ibm: str) -> None:
    """By clicks alone: symbol, interval, as-of and target in the name, and the mail's fate as the state."""
    run = site.run(ibm)
    assert re.fullmatch(r"IBM daily \d{4}-\d\d-\d\d→(\d{4}-)?(\d\d-)?\d\d", run["name"])
    assert (run["state"]["name"], run["parameters"]["symbol"]) == ("Sent", "IBM")
    screen.go(f"runs/flow-run/{ibm}")
    screen.see(run["name"], exact=True)
    screen.see("Sent", exact=True)


def test_the_log_says_what_is_used_and_nothing_else(screen: Screen, ibm: str) -> None:
    """Bars, Kafka, ledger and mail; no warning, no chatter of libraries, no key."""
    screen.go(f"runs/flow-run/{ibm}")
    screen.shot("25-log", 2600)  # The page holds only what is in sight.
    screen.see("Finished in state Sent(")
    lines = screen.words().splitlines()
    said = ["bars: 127.0.0.1:", "Kafka: embedded broker of", "ledger: sqlite:///", "mail: to you@example.org through"]
    assert all(any(line.startswith(words) for line in lines) for words in said)
    assert any(line.startswith("requests needed: 1, for 1 symbol; left: 25 of 25") for line in lines)
    assert not {"WARNING", "ERROR", "CRITICAL"} & set(lines)
    assert not re.search("rdkafka|%[0-9][|]|urllib3", "\n".join(lines))
    assert KEY not in screen.page.content()


def test_the_graph_names_the_steps(screen: Screen, site: Site, ibm: str) -> None:
    """What the page draws, and its list of task runs, are called by step and symbol, without random letters."""
    drawn = site.ask("GET", f"flow_runs/{ibm}/graph-v2")["nodes"]
    assert {node["label"] for _, node in drawn} == STEPS
    screen.go(f"runs/flow-run/{ibm}")
    screen.see("Finished in state Sent(")
    canvas = screen.page.locator("canvas").first.bounding_box()
    assert canvas is not None
    assert canvas["width"] > 600
    screen.tab("Task Runs")
    screen.see("fetch IBM", exact=True)
    screen.shot("22-task-runs", 1500)
    assert set(screen.words().splitlines()) >= STEPS


def test_the_report_is_on_the_page_with_its_chart(screen: Screen, ibm: str) -> None:
    """The chart is drawn, not only linked; tables and folded parts are there."""
    screen.artifact("forecast-ibm-daily", ibm)
    screen.shot("23-report", 2100)
    charts = screen.page.locator("img[alt^='Chart of IBM']")
    widths = charts.evaluate_all("all => all.map(one => one.naturalWidth)")
    assert len(widths) == 1
    assert widths[0] > 0
    for words in ("IBM, daily bars", "Comparison of models", "Track record", "How to read this", "What was used"):
        screen.see(words, exact=True)
    assert KEY not in screen.page.content()


def test_the_explanation_says_what_became_of_the_symbol(screen: Screen, ibm: str) -> None:
    """One sentence a symbol, and, folded, where its number comes from."""
    screen.artifact("explanation", ibm)
    screen.see("was mailed at")
    screen.see("Where the number for IBM comes from").click()
    screen.shot("24-explanation")
