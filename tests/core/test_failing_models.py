"""Tests of models that fail in ways of their own: each keeps its name, and the others go on."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pytest

from flows.core.backtest import hold_contest
from flows.core.bars import Floats
from flows.core.calendars import calendar_of
from flows.core.models import AT_EVERY_CLOSE, MODELS, Origins
from flows.core.models.naive import Naive
from flows.core.predicting import predict
from flows.core.recipe import ContestKind, Recipe
from tests.conftest import real_series

HISTORY = real_series("IBM", newest=60)


class Odd:
    """A model that gives anything, or raises it."""

    name = "odd"
    minimum_bars = 1
    refit = AT_EVERY_CLOSE

    def __init__(self, gives: object) -> None:
        """Remember what to give."""
        self.gives = gives

    def walk(self, closes: Floats, origins: Origins) -> Floats:
        """Give or raise it."""
        if isinstance(self.gives, Exception):
            raise self.gives
        return np.asarray(self.gives, dtype=np.float64)

    def parameters(self, closes: Floats) -> Mapping[str, float | str]:
        """Raise, as a library does whose fit has no name."""
        raise KeyError("method")


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (IndexError("too far"), "odd: could not be fitted to these closes (too far)"),
        (TypeError(), "odd: could not be fitted to these closes (TypeError)"),
        (ModuleNotFoundError("gone", name="oddlib"), "odd: needs the package oddlib"),
        (np.ones(3), "odd: gave (3,) forecasts"),
        (1.0, "odd: could not be fitted to these closes (too many indices"),
    ],
    ids=["an index", "nothing said", "a missing library", "too few", "one"],
)
def test_whatever_a_model_does_is_its_own_failure(gives: object, said: str) -> None:
    """It is told under the model's name, and the others are compared."""
    contest, walks = hold_contest(HISTORY, [Naive(), Odd(gives)])
    assert str(contest.score("odd").failed).startswith(said)
    assert list(walks) == ["naive"]


def test_a_forecast_that_cannot_be_explained_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model has estimated is told if it can be; a forecast is not lost because it cannot."""
    monkeypatch.setitem(MODELS, "odd", Odd(np.full(21, 100.0)))
    slot = calendar_of("IBM").slot_after(date(2013, 3, 1))
    made = predict(HISTORY, slot, "1", Recipe(model="odd", contest=ContestKind.CHEAP))
    assert (made.point, made.model) == (100.0, "odd")
    assert str(made.parameters["unexplained"]).startswith("odd: could not be fitted")
