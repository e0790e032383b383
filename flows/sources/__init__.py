"""Where bars come from. A new source is one file here and one line in SOURCES."""

from collections.abc import Callable

from flows.core.connections import AlphaVantageConnection
from flows.sources.alpha_vantage import AlphaVantage
from flows.sources.base import BarRequest, Source

SOURCES: dict[type, Callable[[AlphaVantageConnection], Source]] = {AlphaVantageConnection: AlphaVantage}
"""Each source by the configuration that it takes."""

__all__ = ["SOURCES", "BarRequest", "Source"]
