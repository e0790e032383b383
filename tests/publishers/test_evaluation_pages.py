"""Tests of an evaluation in words: in the terminal and in Prefect's UI."""

import re

import pytest

from flows.core.bars import Origin
from flows.publishers.evaluation_pages import evaluation_markdown, evaluation_text
from flows.publishers.evaluation_words import ratio
from tests.core.evaluations import FAILED, a_contest, an_evaluation

CONTEST = a_contest({"drift": 0.9, "arima": None, "seasonal-naive": 20.0}, incumbent="arima")
TWO = an_evaluation({"IBM": CONTEST, "TSCO.LON": CONTEST}, FAILED, notes=("1 bar missing",))
NAMED = an_evaluation({"IBM": CONTEST}, named=("drift",))


@pytest.mark.parametrize("write", [evaluation_text, evaluation_markdown])
def test_both_pages_tell_everything(write: object) -> None:
    """Models, symbols, verdict, failures and notes stand on either page."""
    said = write(TWO).replace("\\", "")  # type: ignore[operator]
    for fact in (
        "daily closes of 3 symbols",
        "No model is better than naive beyond chance on any of the 2 symbols.",
        "The winners are on record",
        "XXXX, fetch: nobody knows this symbol",
        "IBM: 1 bar missing",
        "did not take part on IBM, TSCO.LON: arima: no maximum was found",
    ):
        assert fact in said
    assert re.search(r"drift[ |]+0.900[ |]+0.900[ |]+\+10.0%[ |]+2[ |]+0[ |]+2\b", said)
    assert re.search(r"TSCO.LON[ |]+2026-11-20[ |]+drift[ |]+arima[ |]+0.900[ |]+none[ |]+n/a[ |]+20\b", said)


def test_a_choice_of_models_says_that_nothing_is_recorded() -> None:
    """Who names models is told that the record stays as it was."""
    assert "the winners are not put on record" in evaluation_text(NAMED)


def test_sample_prices_are_never_taken_for_live_ones() -> None:
    """The first thing that is said is that nothing is about today."""
    assert "SAMPLE: no live prices." in evaluation_text(an_evaluation({"IBM": CONTEST}, origin=Origin.SAMPLE))
    assert "SAMPLE" not in evaluation_text(NAMED)


def test_where_nothing_was_compared_there_is_no_table() -> None:
    """Only the failures are told, and no picture is drawn."""
    made = an_evaluation({}, FAILED)
    assert "By model" not in evaluation_text(made)
    assert "data:image" not in evaluation_markdown(made)


def test_the_picture_lies_in_the_page() -> None:
    """Prefect's UI needs no other address."""
    assert "](data:image/svg+xml;base64," in evaluation_markdown(TWO)


@pytest.mark.parametrize(("value", "expected"), [(None, "n/a"), (0.98765, "0.988"), (12.3, "12"), (4321.0, "4,321")])
def test_ratios_are_short(value: float | None, expected: str) -> None:
    """Three decimals where they matter."""
    assert ratio(value) == expected
