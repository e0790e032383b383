"""One world for many trials, each with a symbol of its own, and what must hold after each of them."""

import hashlib
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from prefect import settings
from sqlalchemy import Engine, text

from flows.core.connections import KafkaConnection
from flows.core.forecast import identity
from flows.ledger.replays import recorded_all
from flows.stream.codec import encode_forecast
from flows.stream.consume import reading
from flows.stream.topics import BARS
from tests.answers import daily
from tests.faults.jobs import Job, Side, ended, started
from tests.simulation.post import Post
from tests.world import World

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
AS_OF = "2026-11-20"
FIRST_BYTE_SECONDS = 60.0


@dataclass
class Bench:
    """Where trials are held."""

    world: World
    office: Post
    broker: KafkaConnection
    home: Path
    ledger: Engine
    name: str
    tried: int = 0
    states: dict[str, str] = field(default_factory=dict)
    """The state of each trial's normal run."""

    def new_symbol(self) -> str:
        """Return a symbol that no other trial has."""
        self.tried += 1
        return f"{self.name}{self.tried:04}"

    def job(
        self, symbol: str, kill_at: tuple[int, Side] | None = None, notes: Path | None = None, begin_at: float = 0.0
    ) -> Job:
        """Return a run of a symbol in another process."""
        api = str(settings.PREFECT_API_URL.value())
        return Job(api, self.home, self.world.folder, symbol, NOW, begin_at, kill_at, notes)

    def commits(self) -> list[str]:
        """Let one run go through; return the names of its commits in their order."""
        notes = self.world.folder / "commits"
        assert ended(started(self.job(self.new_symbol(), notes=notes))) == 0
        return notes.read_text(encoding="utf-8").split()

    def killed_at(self, number: int, side: Side) -> list[str]:
        """Kill a run at a commit, let a normal one follow; return what is wrong then."""
        symbol = self.new_symbol()
        code = ended(started(self.job(symbol, (number, side))))
        # A run has a few commits less when another symbol of its market is known already.
        return [*([] if code in (-9, 0) else [f"{symbol}: the run ended with {code}"]), *self.mended(symbol)]

    def killed_after(self, seconds: float) -> list[str]:
        """Kill a run some time after its first request, let a normal one follow; return what is wrong then."""
        symbol = self.new_symbol()
        before = len(self.world.market.queries)
        process = started(self.job(symbol))
        until = time.monotonic() + FIRST_BYTE_SECONDS
        while len(self.world.market.queries) == before and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(seconds)
        process.kill()
        ended(process)
        return self.mended(symbol)

    def pair(self) -> list[str]:
        """Let two runs of one symbol begin at the same instant; return what is wrong then."""
        symbol = self.new_symbol()
        begin_at = time.time() + 1.0
        both = [started(self.job(symbol, begin_at=begin_at)) for _ in range(2)]
        codes = [ended(process) for process in both]
        states = sorted(file.read_text(encoding="utf-8") for file in self.world.folder.glob(f"{symbol}-*.state"))
        self.states[symbol] = "Sent"
        said = [] if codes == [0, 0] else [f"{symbol}: the pair ended with {codes}"]
        if states not in (["Nothing new", "Sent"], ["Sent", "Sent"]):
            said.append(f"{symbol}: the pair's states are {states}")
        return [*said, *self.wrong(symbol)]

    def mended(self, symbol: str) -> list[str]:
        """Let a normal run follow; return what is wrong then."""
        self.states[symbol] = str(self.world.symbol(symbol, now=NOW).name)
        return self.wrong(symbol)

    def mails(self, symbol: str) -> int:
        """Return how many mails about a symbol were taken."""
        return sum(str(mail["Subject"]).startswith(f"{symbol} ") for mail in self.office.mails)

    def wrong(self, symbol: str) -> list[str]:
        """Return what is not as it must be after a normal run."""
        said = [*self._mail(symbol), *self.kept_wrongly(symbol), *self._runs(symbol)]
        return [f"{symbol}: {what}" for what in said]

    def kept_wrongly(self, symbol: str) -> list[str]:
        """Return what is wrong with a symbol's bars and its forecast."""
        return [*self._bars(symbol), *self._forecast(symbol)]

    def _mail(self, symbol: str) -> list[str]:
        count, state = self.mails(symbol), self.states[symbol]
        query = text("SELECT o.state FROM outbox o JOIN outbox_items i ON i.key = o.key WHERE i.symbol = :symbol")
        with self.ledger.connect() as connection:
            kept = [row.state for row in connection.execute(query, {"symbol": symbol})]
        well = state in ("Sent", "Nothing new") and (count, kept) == (1, ["SENT"])
        unsure = state == "Mail unknown" and count <= 1 and kept in (["SENDING"], ["UNKNOWN"])
        return [] if well or unsure else [f"{count} mails, outbox {kept}, state {state}"]

    def _bars(self, symbol: str) -> list[str]:
        given = {day: float(row["4. close"]) for day, row in daily(symbol, AS_OF)["Time Series (Daily)"].items()}
        query = text("SELECT time, close FROM bars WHERE symbol = :symbol AND revision = 0")
        with self.ledger.connect() as connection:
            held = {row.time: row.close for row in connection.execute(query, {"symbol": symbol})}
        on_topic: dict[str, float] = {}
        with reading(self.broker, BARS, ()) as opened:
            for batch in opened.batches():
                on_topic |= {bar.bar.time: bar.bar.close for bar in batch.bars if bar.symbol == symbol}
        return [
            f"{len(found)} of {len(given)} bars are {where}"
            for where, found in (("in the ledger", held), ("on the topic", on_topic))
            if found != given
        ]

    def _forecast(self, symbol: str) -> list[str]:
        found = recorded_all(self.ledger, symbol)
        if len(found) != 1:
            return [f"{len(found)} forecasts are recorded"]
        one, issued = found[0], found[0].issued
        query = text("SELECT topic_offset FROM forecasts WHERE symbol = :symbol")
        with self.ledger.connect() as connection:
            offset = connection.execute(query, {"symbol": symbol}).scalar()
        whole = (
            identity(issued, issued.target, one.chosen_by, backfill=False) == issued.forecast_id,
            hashlib.sha256(encode_forecast(issued)).hexdigest() == one.record_hash,
            (issued.place, issued.previous) == (1, None),
            offset is not None,
            one.recipe is not None and one.known_at is not None,
        )
        return [] if all(whole) else [f"the forecast is half-written: {whole}"]

    def _runs(self, symbol: str) -> list[str]:
        query = text("SELECT outcome FROM runs WHERE run_id IN (SELECT run_id FROM outcomes WHERE symbol = :symbol)")
        with self.ledger.connect() as connection:
            ends = [row.outcome for row in connection.execute(query, {"symbol": symbol})]
        return [] if self.states[symbol] in ends and "Running" not in ends else [f"the runs on record ended as {ends}"]


def moments(count: int, longest: float) -> list[float]:
    """Return seeded random times, in seconds."""
    chance = random.Random(count)  # noqa: S311 - moments, not secrets
    return [chance.uniform(0, longest) for _ in range(count)]
