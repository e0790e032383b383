"""Where forecasts are made day by day, by the steps of a run, without Prefect."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from prefect_email import EmailServerCredentials
from sqlalchemy import Engine, text

from flows import steps
from flows.core.bars import BarRevision, BarSeries, Origin
from flows.core.calendars import calendar_of
from flows.core.connections import AlphaVantageConnection, LedgerConnection, MailSettings
from flows.core.forecast import Forecast
from flows.core.recipe import ContestKind, Recipe
from flows.embedded.broker import embedded_broker
from flows.ledger.bars import keep_bars
from flows.ledger.imports import claim_series
from flows.ledger.replays import recorded_all, recorded_like
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.replaying import Replay, replay
from flows.steps import Run
from flows.steps.forecasting import history_at
from flows.steps.recipes import recipe_for
from tests.conftest import real_series

SERIES = replace(real_series("IBM", 220), origin=Origin.CUSTOM)
HOUR = timedelta(hours=1)


class Desk:
    """Where forecasts are made day by day, by the steps of a run."""

    def __init__(self, parts: Parts) -> None:
        """Begin with an empty ledger."""
        self.parts = parts
        self.engine: Engine = open_ledger(parts.ledger, Origin.CUSTOM)
        claim_series(self.engine, SERIES.id, "alpha-vantage")

    def receive(self, series: BarSeries, at: datetime, revision: int = 0) -> None:
        """Take bars in."""
        keep_bars(self.engine, [BarRevision(*SERIES.id, revision, at, bar) for bar in series.bars])

    def forecast(
        self, as_of: str, recipe: Recipe | None = None, now: datetime | None = None, issued: datetime | None = None
    ) -> Forecast:
        """Make and record a forecast after a bar."""
        slot = calendar_of("IBM").slot_after(date.fromisoformat(as_of))
        at = now or slot.target.closes_at - 6 * HOUR
        used = history_at(self.engine, SERIES.id, slot, at).used
        how, _ = recipe_for(self.parts, SERIES.id, slot, recipe or Recipe(contest=ContestKind.CHEAP), at)
        made = steps.forecast(used, slot, how)
        return steps.record(self.parts, made, Run("run", "test", at, issued or at, given_now=True), backfill=False)

    def play(self, first: int, last: int, recipe: Recipe | None = None) -> list[Forecast]:
        """Let so many days go by: each brings its bar, then its forecast."""
        made = []
        for at in range(first, last):
            self.receive(replace(SERIES, bars=SERIES.bars[at : at + 1]), closing(at) + HOUR)
            made.append(self.forecast(SERIES.bars[at].time, recipe))
        return made

    def replays(self) -> list[Replay]:
        """Make everything again."""
        return [replay(self.engine, one) for one in recorded_all(self.engine)]

    def again(self, made: Forecast) -> Replay:
        """Make one forecast again."""
        (found,) = recorded_like(self.engine, made.forecast_id)
        return replay(self.engine, found)

    def alter(self, statement: str, **given: object) -> None:
        """Change the ledger behind its back."""
        with self.engine.begin() as connection:
            assert connection.execute(text(statement), given).rowcount >= 1


def closing(at: int) -> datetime:
    """Return when the session of a bar closes."""
    return calendar_of("IBM").period(SERIES.bars[at].time).closes_at


@contextmanager
def a_desk(folder: Path) -> Iterator[Desk]:
    """Open a desk with 100 bars of history."""
    with ExitStack() as stack:
        parts = Parts(
            AlphaVantageConnection("demo", base_url="http://127.0.0.1/query"),
            stack.enter_context(embedded_broker()),
            LedgerConnection(f"sqlite:///{folder / 'ledger.db'}"),
            MailSettings("a@localhost", ("b@localhost",)),
            EmailServerCredentials(smtp_server="127.0.0.1"),
        )
        made = Desk(parts)
        made.receive(replace(SERIES, bars=SERIES.bars[:100]), closing(99) + HOUR)
        yield made
