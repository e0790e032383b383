"""The promise that no forecast knows its future, tested over the whole path with Kafka and ledger in it."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prefect_email import EmailServerCredentials

from flows import steps
from flows.core.bars import Interval, Origin, SeriesId
from flows.core.calendars import calendar_of
from flows.core.cleaning import RawBar, RawSeries
from flows.core.connections import AlphaVantageConnection, LedgerConnection, MailSettings
from flows.core.recipe import ContestKind, Recipe
from flows.embedded.broker import embedded_broker
from flows.parts import Parts
from tests.conftest import real_bars

KEPT, AFTER = 40, 8
BARS = real_bars("IBM")[: KEPT + AFTER]
SLOT = calendar_of("IBM").slot_after(date.fromisoformat(BARS[KEPT - 1].time))
NOW = datetime(2013, 3, 1, 15, 30, tzinfo=UTC)
RECIPE = Recipe(model="arima", contest=ContestKind.CHEAP)
SERIES = SeriesId(Origin.CUSTOM, "IBM", Interval.DAILY)

cells = st.one_of(st.floats().map(str), st.text(max_size=8), st.none(), st.sampled_from(["0", "-1", "1e400", "nan"]))
times = st.one_of(
    st.dates(SLOT.target.closes_at.date()).map("{}x".format),
    st.sampled_from([bar.time for bar in BARS[KEPT:]]),
    st.dates(SLOT.target.closes_at.date()).map(str),
)
garbage = st.lists(st.builds(RawBar, times, cells, cells, cells, cells, cells), max_size=12)


def forecast(rows: list[RawBar], folder: Path) -> float:
    """Take rows through cleaning, Kafka and ledger, and return the forecast made at the last kept bar."""
    with embedded_broker() as kafka:
        parts = Parts(
            AlphaVantageConnection("demo", base_url="http://127.0.0.1/query"),
            kafka,
            LedgerConnection(f"sqlite:///{folder / 'ledger.db'}"),
            MailSettings("a@localhost", ("b@localhost",)),
            EmailServerCredentials(smtp_server="127.0.0.1"),
        )
        cleaned = steps.clean(RawSeries("IBM", Interval.DAILY, Origin.CUSTOM, tuple(rows), NOW), NOW)
        receipt = steps.produce(parts, cleaned, steps.Run("run", "flow", NOW, NOW))
        steps.consume(parts, [receipt], "run")
        history, _ = steps.usable_history(parts, cleaned, SLOT, NOW)
        return steps.forecast(history, SLOT, RECIPE).point


def before() -> list[RawBar]:
    """Return the bars that are known at the as-of session, as a source gives them."""
    return [RawBar(bar.time, *map(str, bar[1:])) for bar in BARS[:KEPT]]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> float:
    """The forecast when the true bars stand behind the as-of bar."""
    after = [RawBar(bar.time, *map(str, bar[1:])) for bar in BARS[KEPT:]]
    return forecast([*before(), *after], tmp_path_factory.mktemp("expected"))


@settings(max_examples=12)
@given(rows=garbage)
def test_bars_after_the_as_of_bar_change_nothing(rows: list[RawBar], expected: float) -> None:
    """Whatever stands behind the as-of bar, the forecast made at it is the same to the last bit."""
    with tempfile.TemporaryDirectory() as folder:
        assert forecast([*rows, *before()], Path(folder)) == expected
