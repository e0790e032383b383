"""Every method by its name."""

from flows.core.errors import FixConfiguration
from flows.core.intervals.base import Method
from flows.core.intervals.empirical import Empirical
from flows.core.intervals.ewma_aci import EwmaAci
from flows.core.intervals.garch_t import GarchT
from flows.core.intervals.gaussian import Gaussian

INTERVALS: dict[str, Method] = {method.name: method for method in (EwmaAci(), Gaussian(), Empirical(), GarchT())}

DEFAULT = "ewma-aci"
"""The method that keeps its promise best on real closes; the others are what it is compared with."""


def method_called(name: str) -> Method:
    """Return one of INTERVALS.

    Raises:
        FixConfiguration: There is none of that name.
    """
    if name not in INTERVALS:
        raise FixConfiguration(
            f"forecast: no method for intervals is called {name!r}. Choose one of {', '.join(INTERVALS)}"
        )
    return INTERVALS[name]
