"""The disk under the ledger is full."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from flows import steps
from flows.core.errors import LedgerFailed
from flows.core.forecast import failure_of
from flows.ledger.store import open_ledger
from flows.steps import streaming
from flows.stream import consume as consuming
from tests.broker.faults.conftest import Begin
from tests.broker.faults.counted import Figures, bars_topic, held, records, require_no_offset_without_its_bars, settled
from tests.broker.faults.disk import few_pages, filled, small_disk
from tests.broker.faults.sizes import LONG, LONG_MARKS, SHORT, Size
from tests.broker.faults.trial import RUN, Trial, parts_at


def refused(trial: Trial) -> str:
    """Consume without space; return what the flow says of it."""
    with pytest.raises(LedgerFailed, match="full") as told:
        steps.consume(trial.parts, (), RUN.run_id)
    said = failure_of("IBM", "consume", told.value, "").reason
    require_no_offset_without_its_bars(trial.parts, records(trial.parts.kafka, bars_topic(trial.parts)))
    assert 0 < held(trial.parts).total() < trial.size.bars
    return said


@pytest.mark.parametrize(
    ("size", "mounts"),
    [
        pytest.param(SHORT, True, id="short"),
        pytest.param(LONG, True, id="long", marks=LONG_MARKS),
        pytest.param(LONG, False, id="long-by-pages", marks=LONG_MARKS),
    ],
)
def test_a_full_disk_keeps_offsets_and_bars_together(
    size: Size, mounts: bool, begin: Begin, tmp_path: Path, figures: list[Figures], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error names the full disk, nothing is half-written, and with space the same run completes."""
    monkeypatch.setattr(consuming, "BATCH", size.batch // 2)
    monkeypatch.setattr(streaming, "KEPT_AT_ONCE", 1)
    with small_disk(tmp_path / "disk") if mounts else nullcontext() as disk:
        trial = begin("disk full" if disk else "database at its limit of pages", size)
        trial.parts = parts_at(trial.parts.kafka, (disk or tmp_path) / "ledger.db")
        engine = open_ledger(trial.parts.ledger, trial.parts.origin)
        trial.connect()
        trial.produce()
        with filled(disk) if disk else few_pages(engine):
            said = refused(trial)
        trial.consume()
        line = settled(trial, trial.parts.kafka)
        engine.dispose()
    figures.append(replace(line, ended=said))
    assert "full" in said
