"""Tests that a ledger of an earlier version keeps what it holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text

from flows.core.bars import Origin
from flows.core.positions import Stored
from flows.ledger import store
from flows.ledger.bars import STREAM, keep_bars, newest_versions, stored_offsets
from flows.ledger.forecasts import kept_forecasts, scored, unpublished
from flows.ledger.store import open_ledger
from tests.core.examples import a_forecast
from tests.ledger.ledgers import LIVE, a_revision, forget, kept_forecast, read_up_to, where

Row = dict[str, Any]
AT = "2026-11-20 15:30:00.123456"
FORECAST: Row = {
    "forecast_id": "a" * 64,
    "origin": "live",
    "symbol": "IBM",
    "interval": "daily",
    "as_of": "2026-11-19",
    "target": "2026-11-20",
    "target_closes_at": "2026-11-20 21:00:00.000000",
    "issued_at": AT,
    "backfill": 0,
    "point": 101.0,
    "lower80": 98.0,
    "upper80": 102.0,
    "lower95": 96.0,
    "upper95": 104.0,
    "naive": 1 / 3,
    "model": "naive",
    "chosen_by": "contest",
    "parameters": "{}",
    "contest": "{}",
    "bars": 100,
    "first_bar": "2026-07-01",
    "data_digest": "0" * 64,
    "code_version": "0.1.0",
    "run_id": "run-1",
    "cluster": "one",
    "topic": "nextclose.forecasts.v1",
    "partition": 3,
    "topic_offset": 11,
}
ROWS: dict[str, list[Row]] = {
    "offsets": [
        {"cluster": "one", "topic": "bars", "partition": 0, "next_offset": 5},
        {"cluster": "one", "topic": "bars", "partition": 1, "next_offset": 2**40},
        {"cluster": "two", "topic": "sample.bars", "partition": 0, "next_offset": 7},
    ],
    "forecasts": [FORECAST, {**FORECAST, "forecast_id": "b" * 64, "point": 103.0, "topic": None, "topic_offset": None}],
    "runs": [{"run_id": "run-1", "flow": "forecast-watchlist", "now": AT, "outcome": "Sent", "message": ""}],
    "outcomes": [
        {
            "run_id": "run-1",
            "symbol": "IBM",
            "origin": "live",
            "interval": "daily",
            "due": "2026-11-19",
            "outcome": "forecast",
            "step": None,
            "reason": None,
            "forecast_id": "a" * 64,
        }
    ],
    "outbox": [
        {
            "key": "k",
            "recipients": "a@b",
            "origin": "live",
            "interval": "daily",
            "state": "SENT",
            "message_id": "<1@b>",
            "subject": "IBM",
            "run_id": "run-1",
            "changed_at": AT,
        }
    ],
    "about": [{"name": "kind", "value": "real"}],
}


def go(connection: Connection, revision: str, *, back: bool = False) -> None:
    """Bring the tables of a connection to a version."""
    config = Config()
    config.set_main_option("script_location", str(store.MIGRATIONS))
    config.attributes["connection"] = connection
    (command.downgrade if back else command.upgrade)(config, revision)


def held(engine: Engine, table: str, names: list[str]) -> list[Row]:
    """Return the rows of a table as the database has them, in the order of their first columns."""
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {', '.join(names)} FROM {table}"))  # noqa: S608 - our own names
        return sorted((dict(row._mapping) for row in found), key=lambda row: repr(list(row.values())))


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a ledger of version 0002 with rows in it."""
    engine = create_engine(where(tmp_path).url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    with engine.begin() as connection:
        go(connection, "0002")
        for table, given in ROWS.items():
            for row in given:
                marks = ", ".join(f":{name}" for name in row)
                connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"), row)  # noqa: S608
    engine.dispose()
    yield tmp_path
    store._opened.cache_clear()


def test_a_ledger_of_the_version_before_keeps_every_row(before: Path) -> None:
    """Nothing that was written is lost or altered."""
    ledger = open_ledger(where(before), Origin.LIVE)
    for table, given in ROWS.items():
        found = held(ledger, table, list(given[0]))
        assert sorted(given, key=lambda row: repr(list(row.values()))) == [row for row in found if row in given]
        assert len(given) == len(found) or table == "about"
    forget(ledger)


def test_what_was_read_was_read_by_the_ledger(before: Path) -> None:
    """Reading goes on where it was, without the id of a topic; the stream begins at the beginning."""
    ledger = open_ledger(where(before), Origin.LIVE)
    assert [Stored("one", "", 0, 5), Stored("one", "", 1, 2**40)] == sorted(stored_offsets(ledger, "bars"))
    assert [Stored("two", "", 0, 7)] == stored_offsets(ledger, "sample.bars")
    assert stored_offsets(ledger, "bars", STREAM) == []
    forget(ledger)


def test_earlier_forecasts_count_and_are_in_no_chain(before: Path) -> None:
    """They are scored as they were; the first new one begins the chain."""
    ledger = open_ledger(where(before), Origin.LIVE)
    old = {kept.issued.forecast_id: kept for kept in kept_forecasts(ledger)}
    assert {(0, None, False)} == {
        (kept.issued.place, kept.issued.previous, kept.issued.given_now) for kept in old.values()
    }
    assert (old["a" * 64].record_hash, old["a" * 64].topic_offset, old["a" * 64].issued.naive) == (None, 11, 1 / 3)
    assert unpublished(ledger, LIVE, 9) == []
    keep_bars(ledger, [a_revision("2026-11-20", 100.0)])
    assert [(row.point, row.actual) for row in scored(ledger, LIVE, "2026-11-20")] == [(101.0, 100.0)]
    made = kept_forecast(ledger, a_forecast())
    assert (made.place, made.previous) == (1, None)
    forget(ledger)


def test_the_version_before_can_be_gone_back_to(before: Path) -> None:
    """What both versions know stays, also what was written since; and forward again."""
    ledger = open_ledger(where(before), Origin.LIVE)
    keep_bars(ledger, [a_revision("2026-11-20")], read_up_to(topic_id="id", p0=9))
    keep_bars(ledger, [], read_up_to(topic_id="id", reader=STREAM, p0=1))
    kept_forecast(ledger, a_forecast())
    with ledger.begin() as connection:
        go(connection, "0002", back=True)
    offsets = [{**row, "next_offset": 9} if row["next_offset"] == 5 else row for row in ROWS["offsets"]]
    assert sorted(map(repr, offsets)) == sorted(map(repr, held(ledger, "offsets", list(offsets[0]))))
    assert [row["forecast_id"] for row in held(ledger, "forecasts", ["forecast_id"])] == sorted(
        [a_forecast().forecast_id, "a" * 64, "b" * 64]
    )
    assert ROWS["outcomes"] == held(ledger, "outcomes", list(ROWS["outcomes"][0]))
    store.migrate(ledger)
    assert len(kept_forecasts(ledger)) == 3
    assert list(newest_versions(ledger, LIVE)) == ["2026-11-20"]
    forget(ledger)
