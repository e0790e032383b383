"""A ledger and a vendor over HTTP, for tests of steps without Prefect."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from prefect_email import EmailServerCredentials
from sqlalchemy import Engine

from flows.core.bars import BarRevision, BarSeries, Origin
from flows.core.calendars import calendar_of
from flows.core.connections import AlphaVantageConnection, KafkaConnection, LedgerConnection, MailSettings
from flows.core.splits import Split
from flows.ledger.bars import keep_bars
from flows.ledger.imports import claim_series
from flows.ledger.splits import keep_splits, known_splits
from flows.ledger.store import open_ledger
from flows.parts import Parts
from flows.steps import ask_about
from flows.steps.looking_back import History, look_back
from tests.answers import splits
from tests.conftest import real_series
from tests.servers import Market, market

SERIES = replace(real_series("IBM", 120), origin=Origin.CUSTOM)
DAYS = [bar.time for bar in SERIES.bars]
SLOT = calendar_of("IBM").slot_after(date.fromisoformat(DAYS[-1]))
NOW = SLOT.target.closes_at - timedelta(hours=6)
OLD, FRESH = DAYS[100], DAYS[-3]


class Place:
    """A ledger, and a vendor that lists what it is told."""

    def __init__(self, folder: Path, server: Market) -> None:
        """Begin without a bar."""
        self.parts = Parts(
            AlphaVantageConnection("planted-key-0123456789", server.url, daily_requests=2, requests_per_second=None),
            KafkaConnection({}),
            LedgerConnection(f"sqlite:///{folder / 'ledger.db'}"),
            MailSettings("a@localhost", ("b@localhost",)),
            EmailServerCredentials(smtp_server="127.0.0.1"),
        )
        self.server = server

    @property
    def ledger(self) -> Engine:
        """The ledger."""
        return open_ledger(self.parts.ledger, Origin.CUSTOM)

    @property
    def known(self) -> list[tuple[str, float, str]]:
        """What is known of IBM's splits."""
        return [(one.effective, one.factor, one.by) for one in known_splits(self.ledger, Origin.CUSTOM, "IBM")]

    def trade(self, series: BarSeries, source: str = "alpha-vantage") -> None:
        """Keep bars of a source."""
        claim_series(self.ledger, series.id, source)
        keep_bars(self.ledger, [BarRevision(*series.id, 0, NOW, bar) for bar in series.bars])

    def lists(self, *listed: tuple[str, str]) -> None:
        """Let the vendor list these splits."""
        self.server.answer = lambda _: splits("IBM", *listed)

    def hears(self, *words: Split) -> None:
        """Keep words about IBM's splits."""
        keep_splits(self.ledger, Origin.CUSTOM, "IBM", words)

    def ask(self, at: datetime = NOW) -> str:
        """Ask about the jumps, and return what was said."""
        return ask_about(self.parts, SERIES.id, self.look().jumps, at, lambda: None)

    def look(self) -> History:
        """Look at the history."""
        return look_back(self.ledger, SERIES.id, SLOT, NOW)


@contextmanager
def a_place(folder: Path) -> Iterator[Place]:
    """Run a place with a vendor that lists nothing."""
    with market(lambda _: splits("IBM")) as server:
        yield Place(folder, server)
