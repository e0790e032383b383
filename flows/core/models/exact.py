"""ARIMA(1,1,0) by exact maximum likelihood, in closed form.

Without a constant, and with the unknown starting level treated as diffuse, ARIMA(1,1,0) is a zero-mean AR(1) of the
changes ``w[0] … w[m-1]`` of the closes. Its Gaussian likelihood, the first change drawn from the stationary
distribution, is with the variance concentrated out

    -2 log L(φ) = m log S(φ) - log(1 - φ²) + constant,    S(φ) = (1 - φ²) w[0]² + Σ (w[t] - φ w[t-1])²
                                                               = A - 2Bφ + Cφ²

    A = Σ w[t]² over t = 0 … m-1,    B = Σ w[t] w[t-1] over t = 1 … m-1,    C = Σ w[t]² over t = 1 … m-2

Setting the derivative to zero gives the cubic

    f(φ) = (m-1) C φ³ - (m-2) B φ² - (A + m C) φ + m B = 0

f(-1) = A + C + 2B and f(1) = -(A + C - 2B) are sums of squares and their negative, so f(-1) >= 0 >= f(1). For C > 0 the
cubic comes from minus infinity and goes to plus infinity, so one of its roots lies at or below -1 and one at or above 1:
there is one root in between, and it is the maximum. The sums grow by one term a close, which makes the estimate at every
origin, or of every new close, cost next to nothing.

Source: Beach and MacKinnon, A Maximum Likelihood Procedure for Regression with Autocorrelated Errors, Econometrica 46,
1978, pages 51-58, for the likelihood and its cubic; the exact diffuse level after Durbin and Koopman, Time Series
Analysis by State Space Methods, 2nd edition, chapter 5.
"""

from dataclasses import dataclass, replace

import numpy as np

from flows.core.bars import Floats
from flows.core.models.base import Origins

ROWS = 256
"""Series of a panel that are worked on together: their sums fit into a processor's cache."""
MOST_STEPS = 80
"""Newton's method takes about five; halving the bracket every time would take 53."""
EXACT = 4 * np.finfo(np.float64).eps


def walk(closes: Floats, origins: Origins) -> Floats:
    """Return the one-step forecasts of the model fitted anew at each origin.

    Args:
        closes: Shape (n,), or (symbols, n) for a panel.
        origins: Shape (k,), each in 2 … n.

    Returns:
        Shape (k,), or (symbols, k).
    """
    if closes.ndim == 1:
        return _walk(closes, origins)
    forecasts = np.empty((len(closes), len(origins)))
    for begin in range(0, len(closes), ROWS):
        forecasts[begin : begin + ROWS] = _walk(closes[begin : begin + ROWS], origins)
    return forecasts


def _walk(closes: Floats, origins: Origins) -> Floats:
    if not len(origins):
        return np.empty((*closes.shape[:-1], 0))
    changes = np.diff(closes[..., : origins.max()])
    count = origins - 1
    last = changes[..., count - 1]
    phi = estimate(count, changes[..., :1], last, *_sums(changes, count))
    forecasts: Floats = closes[..., count] + phi * last
    return forecasts


def _sums(changes: Floats, count: Origins) -> tuple[Floats, Floats]:
    """Return B and C of the changes up to each count."""
    later = changes[..., 1:]
    products, squares = (np.zeros_like(changes) for _ in range(2))
    np.cumsum(changes[..., :-1] * later, axis=-1, out=products[..., 1:])
    np.cumsum(later**2, axis=-1, out=squares[..., 1:])
    return products[..., count - 1], squares[..., np.maximum(count - 2, 0)]


def estimate(count: Origins, first: Floats, last: Floats, products: Floats, inner: Floats) -> Floats:
    """Return φ at the maximum of the exact likelihood, in [-1, 1]; 0 where nothing ever moved.

    Args:
        count: How many changes there are, m; any shape.
        first: The first change, of a shape that can be broadcast, as are the following.
        last: The last change.
        products: B.
        inner: C.
    """
    # With one change its square is both the first and the last.
    total = first**2 + inner + np.where(count > 1, last**2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        b, c = (np.where(total > 0, sums / total, 0.0) for sums in (products, inner))
    share = 1 / count
    return _root((1 - share) * c, (2 * share - 1) * b, -(c + share), b)


def _root(cubed: Floats, squared: Floats, linear: Floats, constant: Floats) -> Floats:
    """Return the one root in [-1, 1] of each cubic that falls from there to there, by Newton's method in a bracket."""
    low, high = np.full_like(constant, -1.0), np.ones_like(constant)
    root = np.clip(-constant / linear, low, high)
    for _ in range(MOST_STEPS):
        value = ((cubed * root + squared) * root + linear) * root + constant
        slope = (3 * cubed * root + 2 * squared) * root + linear
        np.copyto(low, root, where=value > 0)
        np.copyto(high, root, where=value < 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = root - value / slope
        inside = (step >= low) & (step <= high)
        moved = np.where(value == 0, root, np.where(inside, step, (low + high) / 2))
        done = np.abs(moved - root) <= EXACT
        root = moved
        if done.all():
            break
    return root


@dataclass(frozen=True, slots=True)
class Running:
    """The same model of a series that grows: each new close costs the same, however many came before."""

    closes: int
    """How many closes it has seen."""
    last_close: float
    first: float = 0.0
    last: float = 0.0
    products: float = 0.0
    inner: float = 0.0

    @classmethod
    def over(cls, closes: Floats) -> "Running":
        """Return the state after `closes`, shape (n,) with at least one."""
        changes = np.diff(closes)
        if not len(changes):
            return cls(1, float(closes[-1]))
        products, inner = float(changes[1:] @ changes[:-1]), float(changes[1:-1] @ changes[1:-1])
        return cls(len(closes), float(closes[-1]), float(changes[0]), float(changes[-1]), products, inner)

    def then(self, close: float) -> "Running":
        """Return the state after one more close."""
        change = close - self.last_close
        if self.closes == 1:
            return Running(2, close, change, change)
        inner = self.inner + self.last**2 if self.closes > 2 else 0.0
        grown = replace(self, closes=self.closes + 1, last_close=close, last=change, inner=inner)
        return replace(grown, products=self.products + change * self.last)

    @property
    def phi(self) -> float:
        """The estimate from what has been seen; 0 before the second change."""
        if self.closes < 2:
            return 0.0
        numbers = (self.first, self.last, self.products, self.inner)
        return float(estimate(np.array([self.closes - 1]), *(np.array([number]) for number in numbers))[0])

    @property
    def variance(self) -> float:
        """The estimated variance of the shocks, S(φ) / m; 0 before the first change."""
        if self.closes < 2:
            return 0.0
        total = self.first**2 + self.inner + (self.last**2 if self.closes > 2 else 0.0)
        return (total - 2 * self.products * self.phi + self.inner * self.phi**2) / (self.closes - 1)

    @property
    def forecast(self) -> float:
        """The forecast of the next close."""
        return self.last_close + self.phi * self.last
