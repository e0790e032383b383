"""Tests of the picture of an evaluation."""

import io

import numpy as np
import pytest
from PIL import Image

from flows.core.bars import Origin
from flows.core.evaluation import Evaluation
from flows.core.models import MODELS
from flows.publishers.evaluation_chart import draw_evaluation, number, shade
from tests.core.evaluations import a_contest, an_evaluation

ALL: dict[str, float | None] = {name: 1 + place / 10 for place, name in enumerate(MODELS) if name != "naive"}


def evaluation(count: int) -> Evaluation:
    """Return an evaluation of so many symbols with long names, by all models, one of which has failed."""
    contest = a_contest({**ALL, "seasonal-naive": 4000.0, "ets": None}, better=("drift",))
    return an_evaluation({f"LONGNAME{place}.BSE": contest for place in range(count)}, origin=Origin.SAMPLE)


@pytest.mark.parametrize(
    "made", [evaluation(1), evaluation(30), an_evaluation({"A": a_contest({})})], ids=("one", "thirty", "naive alone")
)
def test_nothing_is_cut_at_the_edge(made: Evaluation) -> None:
    """One symbol or thirty, one model or twelve: the picture grows with them, its edge stays white."""
    picture = np.asarray(Image.open(io.BytesIO(draw_evaluation(made, "png"))).convert("L"))
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    assert picture.min() < 100
    assert (edge == 255).all()


def test_the_same_evaluation_is_the_same_picture() -> None:
    """No hour and no random name gets into the bytes."""
    assert draw_evaluation(evaluation(2), "svg") == draw_evaluation(evaluation(2), "svg")


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.0, -1), (0.1, -1), (0.8, -1), (1.0, 0), (1.25, 1), (4000.0, 1), (1.25**0.5, 0.5)]
)
def test_colours_end_where_outliers_begin(ratio: float, expected: float) -> None:
    """A ratio and its inverse are as far from even, and no outlier takes the colours from the others."""
    assert shade(ratio) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.98765, "0.99"), (9.99, "9.99"), (12.3, "12"), (4000.0, ">999"), (None, "\u2013")]
)
def test_numbers_fit_their_cells(ratio: float | None, expected: str) -> None:
    """At most four signs."""
    assert number(ratio) == expected
