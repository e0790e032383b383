"""Damaged Parquet files, and what reading them comes to."""

import random
import tempfile
from pathlib import Path

from flows.core.bars import Interval
from flows.core.errors import NextcloseError
from flows.sources.tables import rows_in_parquet

PATIENCE = 2
"""Seconds after which reading counts as stuck."""


def parquet(compression: str | None, count: int = 30) -> bytes:
    """Return a real Parquet file of daily bars."""
    import pandas as pd

    days = [f"{day:%Y-%m-%d}" for day in pd.bdate_range("2026-01-05", periods=count)]
    table = pd.DataFrame({"date": days, "open": 1.5, "high": 2.0, "low": 1.0, "close": 1.5, "volume": range(count)})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "IBM.parquet"
        table.to_parquet(path, engine="fastparquet", compression=compression)  # type: ignore[call-overload]
        return path.read_bytes()


def end_of(body: bytes) -> str:
    """Return what reading this file comes to."""
    try:
        rows_in_parquet(body, Interval.DAILY, {}, "IBM, fetch")
    except NextcloseError:
        return "error of ours"
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        return type(error).__name__
    return "rows"


def damaged(body: bytes, chance: random.Random) -> bytes:
    """Return a file with one bit flipped, or without its middle; its first and last four bytes stay."""
    place = chance.randrange(4, len(body) - 4)
    if chance.random() < 0.2:
        return body[:place] + b"PAR1"
    return body[:place] + bytes([body[place] ^ 1 << chance.randrange(8)]) + body[place + 1 :]


def noise(chance: random.Random) -> bytes:
    """Return no file at all between the marks of one."""
    return b"PAR1" + chance.randbytes(chance.randrange(60)) + b"PAR1"
