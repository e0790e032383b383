"""Tests that no model knows what comes after its origin, and that these tests would notice one that does."""

from dataclasses import replace

import numpy as np
import pytest

from flows.core.models import CHEAP, MODELS, Combination, Model
from flows.core.models.naive import Drift
from flows.core.models.seasonal import SeasonalNaive
from tests.conftest import real_series
from tests.core.models.suite import CLOSES, ORIGINS, leaks
from tests.core.planted import Average, Faint, Foreseeing, LateFit, Peek, Planted, last

EVERY_ORIGIN = np.arange(30, 61)
LONG = (pytest.mark.torture, pytest.mark.timeout(3_000))
HONEST = Combination((Drift(), MODELS["arima"], SeasonalNaive()))
PEEKING = [Peek(), Average(), Faint(), LateFit()]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_no_model_sees_what_comes_after_its_origin(model: Model) -> None:
    """Garbage in place of the later closes changes no forecast."""
    origins = ORIGINS[2:3] if isinstance(model, Combination) else ORIGINS
    assert not leaks(model, CLOSES, origins)


@pytest.mark.parametrize("model", [*(MODELS[name] for name in CHEAP), HONEST], ids=[*CHEAP, "combination of these"])
def test_no_cheap_model_sees_it_from_any_origin(model: Model) -> None:
    """Nor from any other origin of the window, a combination's members and weights included."""
    assert not leaks(model, CLOSES, EVERY_ORIGIN)


@pytest.mark.parametrize("symbol", [pytest.param(symbol, marks=LONG) for symbol in ("GOOG", "IBM")])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_no_model_sees_it_from_any_origin(model: Model, symbol: str) -> None:
    """The long form: every origin of a window, on either side of several fits and choices of form."""
    closes = real_series(symbol, newest=130).closes
    assert not leaks(model, closes, np.arange(80, 131))


@pytest.mark.parametrize("model", PEEKING, ids=lambda model: str(model.name))
def test_the_leak_test_finds_a_leak(model: Model) -> None:
    """A planted leak, plain or faint or only in what was fitted, is caught by the tests above."""
    assert leaks(model)


@pytest.mark.parametrize("model", PEEKING, ids=lambda model: str(model.name))
def test_a_leak_of_a_member_is_a_leak_of_the_combination(model: Model) -> None:
    """One peeking member among honest ones is enough."""
    assert leaks(replace(HONEST, members=(*HONEST.members, model)), CLOSES, EVERY_ORIGIN)


def test_weights_that_know_the_next_close_are_a_leak() -> None:
    """Honest members do not make a combination honest."""
    assert leaks(Foreseeing(HONEST.members), CLOSES, EVERY_ORIGIN)


def test_the_leak_test_does_not_cry_wolf() -> None:
    """A planted model that is honest is not caught."""
    assert not leaks(Planted("honest", last), CLOSES, EVERY_ORIGIN)
