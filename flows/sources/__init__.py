"""Where bars come from. A new source is one file here and one line in SOURCES."""

from collections.abc import Callable
from typing import Any

from flows.core.connections import AlphaVantageConnection, CsvConnection
from flows.sources.alpha_vantage import AlphaVantage
from flows.sources.base import BarRequest, Listed, Source, SplitSource
from flows.sources.csv_files import CsvFiles

SOURCES: dict[type, Callable[[Any], Source]] = {AlphaVantageConnection: AlphaVantage, CsvConnection: CsvFiles}
"""Each source by the configuration that it takes."""
SPLIT_SOURCES: dict[type, Callable[[Any], SplitSource]] = {AlphaVantageConnection: AlphaVantage}
"""Those of them that can be asked for splits."""

__all__ = ["SOURCES", "SPLIT_SOURCES", "BarRequest", "Listed", "Source", "SplitSource"]
