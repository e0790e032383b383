"""Tests of ARIMA(1,1,0) beside statsmodels, and of its estimate, which grows with every new close."""

import warnings
from typing import NamedTuple

import numpy as np
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from flows.core.bars import Floats
from flows.core.models import MODELS
from flows.core.models.exact import Running
from tests.core.models.likelihood import log_likelihood
from tests.core.models.made_series import KINDS, SERIES, made
from tests.core.simulated import persistent
from tests.real_closes import EIGHT, closes

ARIMA = MODELS["arima"]
TOLERANCE = 5e-6
"""The relative difference that statsmodels' optimiser leaves open."""
STOPPED_SHORT = 1e-6
"""The log-likelihood that our estimate gains where it did not get to the top."""
ROUNDING = 1e-11


class Beside(NamedTuple):
    """What statsmodels found, beside what the model found."""

    forecast: float
    phi: float
    converged: bool
    gain: float
    """By how much the model's estimate is the likelier one, by statsmodels' own likelihood."""


def beside(known: Floats) -> Beside:
    """Fit statsmodels to closes, with the exact diffuse start, and let it judge the model's estimate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SARIMAX(known, order=(1, 1, 0), use_exact_diffuse=True)
        fit = model.fit(disp=0)
    found = Running.over(known)
    gain = model.loglike((found.phi, found.variance)) - model.loglike(fit.params)
    return Beside(float(fit.forecast(1)[0]), float(fit.params[0]), bool(fit.mle_retvals["converged"]), float(gain))


def ours(known: Floats) -> float:
    """Return the model's forecast of the close after the last one."""
    return float(ARIMA.walk(known, np.array([len(known)]))[0])


@pytest.mark.parametrize(
    "origins", [3, pytest.param(40, marks=[pytest.mark.torture, pytest.mark.timeout(1_200)])], ids="{} origins".format
)
@pytest.mark.parametrize("name", EIGHT)
def test_on_real_closes_the_forecasts_are_those_of_statsmodels(name: str, origins: int) -> None:
    """Refitted at each origin; where its optimiser stopped short of the top it says itself that ours is likelier."""
    for origin in np.geomspace(12, len(closes(name)), origins).astype(int):
        known = closes(name)[:origin]
        theirs = beside(known)
        assert theirs.gain > -1e-9
        assert theirs.gain > STOPPED_SHORT or ours(known) == pytest.approx(theirs.forecast, rel=TOLERANCE)


@pytest.mark.parametrize(
    "every", [19, pytest.param(1, marks=[pytest.mark.torture, pytest.mark.timeout(1_200)])], ids="every {}".format
)
def test_on_made_closes_we_are_where_statsmodels_is_or_higher(every: int) -> None:
    """Where its optimiser got to the top the forecasts agree; elsewhere our likelihood is not the lower one."""
    for key in SERIES[::every]:
        known = made(*key)
        theirs = beside(known)
        if not theirs.converged or ours(known) != pytest.approx(theirs.forecast, rel=TOLERANCE):
            assert is_as_likely(Running.over(known).phi, theirs.phi, known), key


def is_as_likely(phi: float, other: float, known: Floats) -> bool:
    """Say whether φ is at least as likely as another one; it has no bound on the edge, or where nothing ever moved."""
    if abs(phi) >= 1 or np.ptp(known) == 0:
        return True
    ours_at, theirs_at = log_likelihood(np.array([phi, other]), known)
    return bool(ours_at >= theirs_at - 1e-9 * abs(theirs_at))


@pytest.mark.parametrize(
    "every", [50, pytest.param(1, marks=[pytest.mark.torture, pytest.mark.timeout(1_200)])], ids="every {}".format
)
@pytest.mark.parametrize("name", EIGHT)
def test_the_estimate_that_grows_with_each_close_is_that_of_the_walk(name: str, every: int) -> None:
    """Close by close along the whole series, however many came before."""
    known, running = closes(name), Running.over(closes(name)[:2])
    forecasts = {}
    for count in range(3, len(known) + 1):
        running = running.then(float(known[count - 1]))
        if count % every == 0:
            forecasts[count] = running.forecast
    np.testing.assert_allclose(
        list(forecasts.values()), ARIMA.walk(known, np.array(list(forecasts))), rtol=ROUNDING, atol=0
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_estimate_begun_anywhere_is_that_of_the_walk(kind: str) -> None:
    """Whether the sums were taken at once or close by close, forecasts agree, on odd series too."""
    for key in SERIES:
        if key[0] == kind and key[1] <= 150:
            known = made(*key)
            for begun in (1, 2, 3, len(known) - 1):
                running = Running.over(known[:begun])
                for close in known[begun:]:
                    running = running.then(float(close))
                assert running.closes == len(known)
                assert running.forecast == pytest.approx(ours(known), rel=1e-9)


@pytest.mark.parametrize("name", EIGHT)
def test_the_estimate_explains_the_forecast(name: str) -> None:
    """The forecast is the last close plus the last change times the estimated share of it."""
    known = closes(name)
    parameters = ARIMA.parameters(known)
    phi = float(parameters["ar.L1"])
    expected = (1 - phi**2) * (known[1] - known[0]) ** 2 + sum((np.diff(known)[1:] - phi * np.diff(known)[:-1]) ** 2)
    assert parameters["order"] == "(1,1,0)"
    assert ours(known) == pytest.approx(known[-1] + phi * (known[-1] - known[-2]), rel=ROUNDING)
    assert parameters["sigma2"] == pytest.approx(expected / (len(known) - 1), rel=1e-9)


@pytest.mark.parametrize("phi", [-0.8, 0.0, 0.6])
def test_the_estimate_finds_what_was_planted(phi: float) -> None:
    """On two thousand simulated changes the estimate comes near to the truth."""
    assert float(ARIMA.parameters(persistent(7, phi=phi))["ar.L1"]) == pytest.approx(phi, abs=0.06)
