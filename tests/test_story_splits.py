"""Tests of whole runs across stock splits: known ones are adjusted for, unknown ones held back, nothing is silent."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.cli.configure import apply
from flows.core.bars import Interval, Origin, SeriesId
from flows.core.calendars import calendar_of
from flows.core.errors import RejectData
from flows.core.forecast import Prediction
from flows.ledger.splits import known_splits
from flows.parts import parts_in_use
from flows.paying import NOT_BY_STREAM
from flows.splitting import tell
from flows.steps.forecasting import history_at
from tests.answers import after_split, before_split, daily, quota, splits, weekly
from tests.world import World, report_of, text_of, world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
AS_OF, TARGET = "2026-11-20", "2026-11-23"
DAY = "2026-11-04"

Query = dict[str, str]


def market(*listed: tuple[str, str], day: str = DAY, factor: float = 10.0) -> Callable[[Query], object]:
    """Return a vendor whose prices were split on a day, and who lists these splits."""

    def answer(query: Query) -> object:
        if query["function"] == "SPLITS":
            return splits(query["symbol"], *listed)
        return before_split(daily(query["symbol"], AS_OF), day, factor)

    return answer


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in which the flows run, with a split of 10:1 that the vendor lists."""
    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, market((DAY, "10.0000"))) as made:
        yield made


def functions(here: World) -> list[str]:
    """Return what the market was asked for."""
    return [query["function"] for query in here.market.queries]


def known(here: World) -> list[tuple[str, float, str]]:
    """Return what the ledger knows of IBM's splits."""
    return [(split.effective, split.factor, split.by) for split in known_splits(here.ledger, Origin.CUSTOM, "IBM")]


def forecast(here: World, **given: Any) -> tuple[Prediction, tuple[str, ...]]:
    """Run for IBM, and return the prediction and its notes."""
    (entry,) = report_of(here.symbol(**{"now": NOW, **given})).entries
    return entry.forecast.prediction, entry.notes


def held(here: World, **given: Any) -> str:
    """Run for IBM, and return why it was not forecast."""
    report = report_of(here.symbol(**{"now": NOW, **given}))
    (failure,) = report.failures
    assert (failure.step, failure.kind, report.entries) == ("clean", "data", ())
    return failure.reason


def test_a_listed_split_is_adjusted_for_and_asked_for_once(here: World) -> None:
    """The forecast is that of a history without a split; the mail says so; the next run knows it."""
    found, notes = forecast(here)
    note = f"prices before {DAY} are divided by 10: a split, told by the vendor on 2026-11-23"
    assert (notes, known(here)) == ((note,), [(DAY, 10.0, "vendor")])
    assert note in text_of(here.mails[0])
    assert forecast(here)[0].data_digest == found.data_digest
    assert functions(here) == ["TIME_SERIES_DAILY", "SPLITS"]
    assert abs(found.recent[0][1] / found.naive - 1) < 0.5


def test_a_fresh_jump_that_nobody_explains_is_held_back(here: World) -> None:
    """On the as-of bar itself; the stream says the same; a person's word ends it, and the next run needs no request."""
    here.market.answer = market(day=AS_OF)
    reason = held(here)
    for fact in ("IBM, clean: ", "2026-11-19", AS_OF, "a split of 10:1", "asked again by the next run"):
        assert fact in reason
    assert f"`nextclose splits confirm IBM {AS_OF} 10`" in reason
    assert (held(here), functions(here)) == (reason, ["TIME_SERIES_DAILY", "SPLITS", "SPLITS"])
    series = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)
    slot = calendar_of("IBM").slot(NOW)
    with pytest.raises(RejectData, match="the stream asks no source") as raised:
        history_at(here.ledger, series, slot, NOW, NOT_BY_STREAM)
    assert reason.partition(", and ")[0] in str(raised.value)
    with parts_in_use() as parts:
        assert tell(parts, "IBM", AS_OF, 10.0, NOW)[0].startswith("daily bars: prices before")
    found, notes = forecast(here)
    assert notes[0].endswith("a split, told by a person on 2026-11-23")
    assert history_at(here.ledger, series, slot, NOW).used.digest == found.data_digest
    assert functions(here)[3:] == []


def test_without_an_answer_it_is_held_back(here: World) -> None:
    """No request is left, or the vendor says that none is: the reason is named."""
    split = here.market.answer
    here.market.answer = lambda query: quota(query["apikey"]) if query["function"] == "SPLITS" else split(query)
    assert "asking for its splits failed (the key's requests of today are used up" in held(here)
    apply({"ALPHAVANTAGE_DAILY_REQUESTS": "2"})
    here.market.answer = split
    assert "asking for its splits failed (" in held(here)
    assert functions(here) == ["TIME_SERIES_DAILY", "SPLITS"]


def test_a_week_with_a_split_in_its_middle(here: World) -> None:
    """Its close is in new units, those of all weeks before are divided."""
    here.market.answer = lambda query: (
        splits("IBM", ("2026-11-04", "10.0000"))
        if query["function"] == "SPLITS"
        else before_split(weekly("IBM", AS_OF), "2026-11-06", 10.0)
    )
    found, notes = forecast(here, interval="weekly")
    assert notes[0].startswith("prices before 2026-11-04 are divided by 10")
    assert max(close for _, close in found.recent) < 3 * found.naive


def test_an_earlier_day_is_forecast_with_a_split_that_was_told_later(here: World) -> None:
    """Nobody could have forecast then without knowing of it."""
    found, notes = forecast(here, as_of="2026-11-10")
    assert (found.as_of, notes[0].startswith(f"prices before {DAY} are divided")) == ("2026-11-10", True)


def test_a_split_on_the_target_day_is_said_and_scored_in_old_units(here: World) -> None:
    """The forecast speaks of the shares of before; its score too."""
    here.market.answer = lambda query: daily(query["symbol"], AS_OF)
    with parts_in_use() as parts:
        tell(parts, "IBM", TARGET, 10.0, NOW)
    found, notes = forecast(here)
    assert notes == (
        f"a split of 10:1 takes effect on {TARGET}, told by a person on {TARGET}: the forecast is in prices before it",
    )
    here.market.answer = lambda _: after_split(daily("IBM", TARGET, 101), TARGET, 10.0)
    (entry,) = report_of(here.symbol(now=NOW.replace(day=24))).entries
    assert entry.notes[0].startswith(f"prices before {TARGET} are divided by 10")
    last = entry.record.last
    assert last is not None
    assert last.actual / found.naive == pytest.approx(1.0, abs=0.1)
