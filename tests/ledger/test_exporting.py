"""Tests of the ledger as files."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine

from flows.core.errors import FixConfiguration
from flows.ledger import exporting
from flows.ledger.bars import keep_bars
from flows.ledger.exporting import HIDDEN, export
from flows.ledger.tables import metadata
from tests.core.examples import NOW, a_forecast, a_session
from tests.ledger.filled import fill
from tests.ledger.ledgers import a_revision, kept_forecast

NAMES = {table.name for table in metadata.sorted_tables if table.name not in HIDDEN} | {"scores", "all_scores"}


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_table_and_view_is_a_file_with_exact_values(ledger: Engine, tmp_path: Path) -> None:
    """Floats to the last bit, instants with their zone, JSON as text, nothing as nothing."""
    fill(ledger)
    made = export(ledger, tmp_path / "out", "csv")
    assert NAMES == {one.name for one in made} == {file.stem for file in (tmp_path / "out").iterdir()}
    assert all(one.rows == len(rows(tmp_path / "out", one.name)) for one in made)
    bar = rows(tmp_path / "out", "bars")[0]
    assert (float(bar["close"]), bar["received_at"]) == (1 / 3, "2026-11-21T22:01:02.345678+00:00")
    (forecast,) = rows(tmp_path / "out", "forecasts")
    assert json.loads(forecast["recipe"])["contest"] == "full"
    assert (forecast["backfill"], forecast["topic"]) == ("False", "")


def test_parquet_has_the_types(ledger: Engine, tmp_path: Path) -> None:
    """Instants, numbers, truth and text, also in files without rows."""
    export(ledger, tmp_path / "empty", "parquet")
    fill(ledger)
    export(ledger, tmp_path / "out", "parquet")
    for name in NAMES:
        first, second = (
            pd.read_parquet(tmp_path / place / f"{name}.parquet", engine="pyarrow") for place in ("empty", "out")
        )
        assert list(first.columns) == list(second.columns)
    bars = pd.read_parquet(tmp_path / "out" / "bars.parquet", engine="pyarrow")
    assert (bars["close"].iloc[0], str(bars["received_at"].dtype)) == (1 / 3, "datetime64[us, UTC]")
    assert bars["received_at"].iloc[0].isoformat() == "2026-11-21T22:01:02.345678+00:00"


def test_scores_are_among_the_files(ledger: Engine, tmp_path: Path) -> None:
    """With every version of the close, and the mark of the one that counts."""
    target = a_session("2026-11-20")
    kept_forecast(ledger, a_forecast(issued_at=target.closes_at.replace(hour=15), as_of="2026-11-19", target=target))
    keep_bars(ledger, [a_revision("2026-11-20", 100.0), a_revision("2026-11-20", 101.0, 1, NOW)])
    export(ledger, tmp_path, "csv")
    assert [row["actual"] for row in rows(tmp_path, "scores")] == ["101.0"]
    found = {row["actual"]: row["counts"] for row in rows(tmp_path, "all_scores")}
    assert {actual: counts in ("True", "1") for actual, counts in found.items()} == {"100.0": False, "101.0": True}


def test_one_symbol_may_be_chosen(ledger: Engine, tmp_path: Path) -> None:
    """Tables that know no symbols are whole."""
    fill(ledger)
    export(ledger, tmp_path, "csv", "symbol1")
    assert [row["symbol"] for row in rows(tmp_path, "bars")] == ["symbol1"]
    assert len(rows(tmp_path, "runs")) == 2


def test_files_that_are_there_stay(ledger: Engine, tmp_path: Path) -> None:
    """Unless somebody says so; and nothing is written before that is known."""
    (tmp_path / "scores.csv").write_text("mine")
    with pytest.raises(FixConfiguration, match=r"scores.csv is there already"):
        export(ledger, tmp_path, "csv")
    assert [file.name for file in tmp_path.iterdir()] == ["scores.csv"]
    export(ledger, tmp_path, "csv", overwrite=True)
    assert (tmp_path / "scores.csv").read_text() != "mine"


def test_a_file_is_whole_or_not_there(ledger: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks off in the middle of a table leaves nothing of it behind."""
    fill(ledger)

    def breaks(*_: object) -> str:
        raise OSError("no space left")

    monkeypatch.setattr(exporting, "_text", breaks)
    with pytest.raises(OSError, match="no space left"):
        export(ledger, tmp_path, "csv")
    assert list(tmp_path.iterdir()) == []


def test_large_tables_are_written_in_batches(ledger: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row once, in both formats."""
    monkeypatch.setattr(exporting, "BATCH", 7)
    keep_bars(ledger, [a_revision(f"2026-{month:02}-{day:02}") for month in range(1, 11) for day in range(1, 11)])
    export(ledger, tmp_path, "csv")
    export(ledger, tmp_path, "parquet")
    times = [row["time"] for row in rows(tmp_path, "bars")]
    assert len(times) == len(set(times)) == 100
    assert list(pd.read_parquet(tmp_path / "bars.parquet", engine="pyarrow")["time"]) == times
