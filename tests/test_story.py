"""Tests of the whole story: what a run does, from the first request to the mail."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.variables import Variable
from sqlalchemy import text

from flows.cli.configure import apply
from flows.core.sessions import exchange_of
from flows.watchlist import VARIABLE
from tests.answers import THROTTLED, UNKNOWN, daily, quota
from tests.world import KEY, World, report_of, task_states, text_of, world

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
AS_OF, TARGET = "2026-11-20", "2026-11-23"


def answer(query: dict[str, str]) -> object:
    """Answer as the vendor does; some symbols have their own trouble."""
    symbol = query["symbol"]
    if symbol == "NOPE":
        return UNKNOWN
    if symbol == "QUOTA":
        return quota(query["apikey"])
    if symbol == "OLD":
        return daily(symbol, "2026-11-18")
    found = daily(symbol, AS_OF)
    if symbol == "BAD":
        for row in list(found["Time Series (Daily)"].values())[:10]:
            row["2. high"] = "0.0100"
    return found


@pytest.fixture
def here(prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in which the flows run."""
    assert prefect.exists()
    monkeypatch.chdir(tmp_path)
    with world(tmp_path, answer) as made:
        yield made


def test_a_run_ends_with_a_mail_that_names_everything(here: World) -> None:
    """The mail says as-of, target, forecast, intervals, models, record and origin; the state is called Sent."""
    state = here.symbol(now=NOW)
    assert state.name == "Sent"
    (mail,) = here.mails
    p = report_of(state).entries[0].forecast.prediction
    said = text_of(mail)
    for fact in (
        AS_OF,
        TARGET,
        f"{p.point:.2f}",
        f"{p.lower80:.2f}",
        f"{p.upper95:.2f}",
        "naive",
        "arima",
        "custom",
        "16:00 in New York",
    ):
        assert fact in said
    assert mail["Message-ID"]
    assert mail["Date"]


def test_a_repeated_run_is_cached_and_mails_nothing(here: World, caplog: pytest.LogCaptureFixture) -> None:
    """The same session again: fetch and forecast come from the cache, no request is sent, no second mail."""
    here.symbol(now=NOW)
    assert task_states(caplog)["fetch IBM"] == "Completed"
    state = here.symbol(now=NOW)
    states = task_states(caplog)
    assert (states["fetch IBM"], states["forecast IBM"]) == ("Cached", "Cached")
    assert state.name == "Nothing new"
    assert (len(here.market.queries), len(here.mails)) == (1, 1)


def test_resend_mails_again_and_counts_once(here: World) -> None:
    """A person can have the mail again; the forecast stays one row."""
    here.symbol(now=NOW)
    here.symbol(now=NOW, resend=True)
    with here.ledger.connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM forecasts")).scalar() == 1
    assert len(here.mails) == 2


def test_the_next_session_scores_the_forecast_before_it(here: World) -> None:
    """When the target's close arrives, the next report shows a track record of one."""
    here.symbol(now=NOW)
    here.market.answer = lambda query: daily(query["symbol"], TARGET)
    state = here.symbol(now=NOW.replace(day=24))
    record = report_of(state).entries[0].record
    assert (record.n, record.last_target) == (1, TARGET)


def test_one_failing_symbol_does_not_stop_the_others(here: World) -> None:
    """Three of five are forecast, one mail goes out, and it names the two and why."""
    state = here.watchlist("IBM", "NOPE", "MSFT", "BAD", "AAPL", now=NOW)
    report = report_of(state)
    assert [entry.symbol for entry in report.entries] == ["IBM", "MSFT", "AAPL"]
    assert [(failure.symbol, failure.kind) for failure in report.failures] == [("NOPE", "symbol"), ("BAD", "data")]
    (mail,) = here.mails
    assert mail["Subject"] == "3 forecasts for 2026-11-23, 2 failed"
    assert "does not know this symbol" in text_of(mail)
    assert "10 of 100 bars" in text_of(mail)


@pytest.mark.parametrize(
    ("symbol", "name", "kind"), [("QUOTA", "Quota", "quota"), ("NOPE", "Failed", "symbol"), ("OLD", "Stale", "data")]
)
def test_a_failure_costs_one_request_and_names_the_state(here: World, symbol: str, name: str, kind: str) -> None:
    """What a retry cannot change is asked once, and the final state says what happened."""
    state = here.symbol(symbol, now=NOW)
    (failure,) = report_of(state).failures
    assert (name, kind, 1) == (state.name, failure.kind, len(here.market.queries))
    assert symbol in failure.reason


def test_stale_data_is_asked_for_again(here: World) -> None:
    """An answer without the bar that is due is not kept from the next run by the cache."""
    here.symbol("OLD", now=NOW)
    here.market.answer = lambda query: daily(query["symbol"], AS_OF)
    assert here.symbol("OLD", now=NOW).name == "Sent"


def test_a_throttled_request_is_tried_again(here: World) -> None:
    """A throttle is the one kind of answer that a moment's patience mends."""
    here.market.answer = lambda query: THROTTLED if len(here.market.queries) == 1 else daily(query["symbol"], AS_OF)
    assert here.symbol(now=NOW).name == "Sent"
    assert len(here.market.queries) == 2


def test_the_key_stands_nowhere(here: World, caplog: pytest.LogCaptureFixture) -> None:
    """After success and after the answer that echoes it, the key is in no file and no log."""
    here.watchlist("IBM", "QUOTA", now=NOW)
    files = [path for path in here.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    assert KEY not in caplog.text


def test_a_forecast_after_its_target_closed_is_kept_and_not_counted(here: World) -> None:
    """A backfill is marked in the report, and no track record counts it."""
    here.symbol(now=NOW, as_of="2026-11-18")
    state = here.symbol(now=NOW)
    with here.ledger.connect() as connection:
        marks = connection.execute(text("SELECT as_of, backfill FROM forecasts ORDER BY as_of")).all()
    assert [tuple(row) for row in marks] == [("2026-11-18", 1), (AS_OF, 0)]
    assert report_of(state).entries[0].record.n == 0


def test_the_last_session_of_the_answer_decides_nothing(here: World) -> None:
    """A running bar in the answer is left out, counted, and said."""
    here.market.answer = lambda query: daily(query["symbol"], TARGET)
    entry = report_of(here.symbol(now=NOW)).entries[0]
    assert entry.forecast.prediction.as_of == AS_OF
    assert entry.notes == ("1 bar left out because the session was not complete: 2026-11-23",)


def test_requests_keep_the_pace_of_the_plan(here: World) -> None:
    """A free key may be asked once a second: the symbols of a watchlist take turns instead of being throttled."""
    apply({"ALPHAVANTAGE_REQUESTS_PER_SECOND": "2"})
    here.watchlist("IBM", "MSFT", "AAPL", now=NOW)
    first, second, third = here.market.times
    assert min(second - first, third - second) > 0.3


def test_a_run_with_an_older_as_of_does_not_spoil_the_next(here: World) -> None:
    """An answer that was good enough for an older session is asked for anew when a newer one is wanted."""
    here.market.answer = lambda query: daily(query["symbol"], "2026-11-18")
    assert report_of(here.symbol(now=NOW, as_of="2026-11-18")).entries
    here.market.answer = lambda query: daily(query["symbol"], AS_OF)
    assert here.symbol(now=NOW).name == "Sent"


def test_a_hole_in_the_ledger_is_said_and_not_forecast_across(here: World) -> None:
    """After months without a run only the new stretch is used, and the report says so."""
    here.market.answer = lambda query: daily(query["symbol"], "2025-11-20")
    assert here.symbol(now=NOW.replace(year=2025, day=21)).name == "Sent"
    here.market.answer = answer
    entry = report_of(here.symbol(now=NOW)).entries[0]
    assert entry.forecast.prediction.bars == 100
    assert "are missing in the ledger" in entry.notes[-1]


def test_a_bad_name_on_the_watchlist_stops_nobody(here: World) -> None:
    """The variable is edited by hand: what cannot be a symbol is named, and the others are forecast."""
    Variable.set(VARIABLE, ["IBM", "I B M"], overwrite=True)
    report = report_of(here.watchlist(now=NOW))
    assert ([entry.symbol for entry in report.entries], len(report.failures)) == (["IBM"], 1)
    assert "this cannot be a symbol" in text_of(here.mails[0])
    Variable.unset(VARIABLE)


def test_an_unknown_suffix_asks_nobody(here: World) -> None:
    """An exchange that is not known is found before a request is spent."""
    (failure,) = report_of(here.symbol("IBM.XYZ", now=NOW)).failures
    assert (failure.step, failure.kind, len(here.market.queries)) == ("request", "symbol", 0)


def test_the_sample_day_is_a_session() -> None:
    """The day these tests play on is one on which New York is open."""
    assert exchange_of("IBM").is_session(TARGET)
