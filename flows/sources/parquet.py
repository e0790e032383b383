"""``python -m flows.sources.parquet < FILE.parquet > FILE.csv``: a Parquet file as CSV, every value as text."""

import contextlib
import io
import resource
import sys

import pandas as pd

MOST_MEMORY = 4 * 1024**3


def as_csv(body: bytes) -> str:
    """Return a Parquet file's table as CSV, an index that is more than a count among its columns."""
    # The library writes its complaints about a damaged file to standard output.
    with contextlib.redirect_stdout(sys.stderr):
        table = pd.read_parquet(io.BytesIO(body), engine="fastparquet")
    if not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index(names=[str(name or "time") for name in table.index.names])
    text: str = table.astype(str).to_csv(index=False)
    return text


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    sys.stdout.write(as_csv(sys.stdin.buffer.read()))
