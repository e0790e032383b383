"""Eight long series of real daily closes, adjusted for splits and dividends, for what is measured about forecasts."""

import csv
import gzip
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import numpy as np

from flows.core.bars import Floats

DATA = Path(__file__).with_name("data")


def _index(name: str) -> Floats:
    frame = import_module(f"arch.data.{name}").load()
    return np.asarray(frame["Adj Close"].dropna(), dtype=np.float64)


def _stock(symbol: str) -> Floats:
    packed = files("bokeh_sampledata") / "_data" / "stocks.csv.gz"
    with packed.open("rb") as raw, gzip.open(raw, "rt", newline="") as file:
        return np.array([float(row["Adj Close"]) for row in csv.DictReader(file) if row["Ticker"] == symbol])


def _file(symbol: str) -> Floats:
    with (DATA / f"{symbol}.csv").open(newline="") as file:
        return np.array([float(row["adjusted_close"]) for row in csv.DictReader(file)])


EIGHT: Mapping[str, Callable[[], Floats]] = {
    "S&P 500": partial(_index, "sp500"),
    "NASDAQ": partial(_index, "nasdaq"),
    "AAPL": partial(_stock, "AAPL"),
    "GOOG": partial(_stock, "GOOG"),
    "IBM": partial(_stock, "IBM"),
    "MSFT": partial(_stock, "MSFT"),
    "INTC": partial(_file, "INTC"),
    "SPY": partial(_file, "SPY"),
}
"""By name: the packages `arch` and `bokeh_sampledata`, and files of ours whose source stands beside them."""


@lru_cache
def closes(name: str) -> Floats:
    """Return one of the EIGHT, shape (n,), oldest first, not to be written to."""
    found = EIGHT[name]()
    found.setflags(write=False)
    return found
