"""Tests of the facts behind a number."""

from datetime import UTC, datetime
from typing import Any

from flows.core.bars import Interval, Origin
from flows.ledger.imports import Import
from flows.ledger.provenance import Provenance
from flows.publishers.number_words import where_from

ISSUED = datetime(2026, 11, 23, 15, 30, 5, tzinfo=UTC)
SCORES = [{"name": "arima", "mse": 3.5}, {"name": "naive", "mse": 4.0}, {"name": "theta", "mse": None}]
FOUND = Provenance(
    forecast_id="f" * 64, origin=Origin.LIVE, symbol="IBM", interval=Interval.DAILY, as_of="2026-11-20",
    target="2026-11-23", issued_at=ISSUED, backfill=False, point=232.414, naive=232.0, lower80=228.9, upper80=235.8,
    model="arima", chosen_by="contest", parameters={"phi": -0.0312345}, contest={"scores": SCORES, "origins": 20},
    bars=100, first_bar="2026-07-01", data_digest="d" * 64, code_version="0.1.0+abc", run_id="run-1",
    intervals="ewma-aci", record_hash="e" * 64, cluster="c", topic="nextclose.forecasts.v1", partition=2,
    topic_offset=17, bars_read={"topic": "nextclose.bars.v1", "read": [{"partition": 2, "next_offset": 100}]},
)  # fmt: skip


def said(source: str | None = "alpha-vantage", files: tuple[Import, ...] = (), **facts: Any) -> str:
    """Return the facts as one text."""
    return "\n".join(where_from(FOUND._replace(**facts), source, files))


def test_everything_that_a_number_came_from_is_named() -> None:
    """Bars, source, topic, model, parameters, comparison, code, run, record, and how to make it again."""
    found = said()
    for fact in (
        "IBM daily, 2026-11-20 → 2026-11-23: 232.41 (80 % 228.90 to 235.80)",
        "bars: 100 from 2026-07-01 to 2026-11-20, the last close 232.00, from alpha-vantage (origin live); SHA-256 ddd",
        "read from Kafka: nextclose.bars.v1, partition 2 up to 100",
        "model: arima, chosen by the comparison of models; phi -0.03123; MSE 3.500 over 20 closes, compared with 1 other model\n",
        "intervals: ewma-aci",
        "code: 0.1.0+abc; run run-1, issued 2026-11-23 15:30:05 UTC",
        "recorded as SHA-256 eee",
        "on nextclose.forecasts.v1, partition 2, offset 17",
        "`nextclose replay ffffffffffff`",
    ):
        assert fact in found


def test_what_is_not_known_is_left_out_or_said() -> None:
    """An embedded broker, a record of an earlier version, bars of another program, a person's choice."""
    found = said(None, bars_read=None, record_hash=None, intervals=None, chosen_by="person", contest={}, parameters={})
    assert "from another program, by Kafka" in found
    assert "model: arima, chosen by the person who asked\n" in found
    assert "intervals: of an earlier version" in found
    assert "read from Kafka" not in found
    assert "recorded as" not in found
    assert " on nextclose" not in said(topic_offset=None)


def test_files_and_backfills_are_named() -> None:
    """Whoever reads the number knows that it was not made in time, and from whose file."""
    file = Import("ibm.csv", "a" * 64, "2026-06-01", "2026-07-02", 20, ISSUED)
    found = said(files=(file,), backfill=True)
    assert "20 bars from 2026-06-01 to 2026-07-02 were imported from ibm.csv" in found
    assert "it is a backfill, kept and never counted" in found
