"""Days of a simulated time, and what must hold at their end."""

import csv
import logging
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from flows.core.connections import KafkaConnection
from flows.ledger.exporting import export
from flows.ledger.slots import slots_between
from flows.publishers.slot_words import explained
from flows.stream.consume import reading
from flows.stream.topics import BARS
from tests.simulation.post import Mood, Post
from tests.simulation.recount import Tables, differences, expected, told_in
from tests.simulation.vendor import SYMBOLS, Vendor
from tests.world import World, text_of

HOUR = time(15, 30, tzinfo=UTC)
MOODS: tuple[Mood, ...] = ("well", "busy once", "hangs up after taking", "hangs up before taking")
ENDS = {"sent", "not alerted", "mail unknown", "nothing new", "stale", "quota", "superseded", "failed"}


class Simulation:
    """The real flow, day by day."""

    def __init__(self, folder: Path) -> None:
        """Begin without a market."""
        self.folder = folder
        self.vendor: Vendor | None = None
        self.states: Counter[str] = Counter()
        self.runs: list[tuple[datetime, str]] = []
        """When each run played, and its state's name."""

    def begin(self, world: World, office: Post, broker: KafkaConnection) -> None:
        """Say where everything is."""
        self.world, self.office, self.broker = world, office, broker

    def answer(self, query: dict[str, str]) -> object:
        """Answer for the vendor."""
        assert self.vendor is not None
        return self.vendor.answer(query)

    def play(self, vendor: Vendor, symbols: tuple[str, ...] = SYMBOLS) -> None:
        """Run every day at 15:30 UTC; on some days once more, when some symbols failed or for no reason."""
        self.vendor, self.symbols = vendor, symbols
        logging.getLogger("prefect").setLevel(logging.WARNING)
        with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}):
            for day in _days(vendor.first, vendor.last):
                now = datetime.combine(day, HOUR)
                chance = random.Random(f"mood {now}")  # noqa: S311 - a simulation
                vendor.begin_day(now)
                self.office.mood = chance.choices(MOODS, (91, 5, 2, 2))[0]
                self._run(now)
                if chance.random() < 0.15:
                    self._run(now + timedelta(hours=2))

    def _run(self, now: datetime) -> None:
        state = self.world.watchlist(*self.symbols, now=now)
        self.states[str(state.name)] += 1
        self.runs.append((now, str(state.name)))

    def check(self) -> list[str]:
        """Return everything that is not as it must be."""
        folder = self.folder / "exported"
        export(self.world.ledger, folder, "csv")
        tables = Tables(folder)
        return [*self._slots(tables), *self._mails(tables), *self._as_ofs(tables), *self._topic()]

    def _slots(self, tables: Tables) -> Iterator[str]:
        """Every slot has an outcome and a sentence, and no run is left without an end."""
        ended = {(row["run_id"], row["symbol"]): row["ended"] for row in tables.outcomes}
        runs = {datetime.fromisoformat(row["now"]): row for row in tables.runs}
        for now, name in self.runs:
            row = runs[now]
            if row["outcome"] != name:
                yield f"{now}: the run ended as {row['outcome']}, its state is called {name}"
            for symbol in self.symbols:
                if ended.get((row["run_id"], symbol)) not in ENDS:
                    yield f"{now}, {symbol}: the slot ended as {ended.get((row['run_id'], symbol))}"
        first, last = self.runs[0][0], self.runs[-1][0] + timedelta(seconds=1)
        slots = slots_between(self.world.ledger, first, last)
        if len(slots) != len(self.runs) * len(self.symbols):
            yield f"{len(slots)} slots are explained, not {len(self.runs) * len(self.symbols)}"
        for slot in slots:
            sentence = explained(slot, "UTC", last)
            if len(sentence) < 40 or "None" in sentence or "no reason" in sentence:
                yield f"this explains nothing: {sentence}"

    def _mails(self, tables: Tables) -> Iterator[str]:
        """The figures are those of the recount, and no as-of was mailed twice."""
        seen: Counter[tuple[str, str]] = Counter()
        for mail in self.office.mails:
            now = datetime.strptime(str(mail["Date"]), "%a, %d %b %Y %H:%M:%S %z")
            for told in told_in(text_of(mail)):
                seen[told.symbol, told.as_of] += 1
                yield from differences(told, expected(tables, told, now))
        yield from (
            f"{symbol} after {as_of} was mailed {count} times" for (symbol, as_of), count in seen.items() if count > 1
        )
        sent = {(row["symbol"], row["due"]) for row in tables.outcomes if row["ended"] == "sent"}
        yield from (f"{symbol} after {as_of} is said to be mailed, and was not" for symbol, as_of in sent - set(seen))
        doubtful = {(row["symbol"], row["due"]) for row in tables.outcomes if row["ended"] == "mail unknown"}
        yield from (
            f"{symbol} after {as_of} was mailed, and nobody says so" for symbol, as_of in set(seen) - sent - doubtful
        )

    def _as_ofs(self, tables: Tables) -> Iterator[str]:
        """Every forecast was made after the last session that was over, for the next one, and before that closed."""
        vendor = self.vendor
        assert vendor is not None
        for row in tables.forecasts:
            issued = datetime.fromisoformat(row["issued_at"])
            as_of = replace_now(vendor, issued).as_of()
            target = next(day for day in vendor.all_days if day > as_of)
            if (row["as_of"], row["target"]) != (as_of, target) or row["issued_at"] >= row["target_closes_at"]:
                yield f"{row['symbol']} at {issued}: {row['as_of']} → {row['target']}, not {as_of} → {target}"

    def _topic(self) -> Iterator[str]:
        """What stands on the topic of the last weeks is what the ledger holds, and what the vendor gave at last."""
        vendor = self.vendor
        assert vendor is not None
        newest: dict[tuple[str, str], tuple[int, Any]] = {}
        with reading(self.broker, BARS, ()) as opened:
            for batch in opened.batches():
                for bar in batch.bars:
                    key = (bar.symbol, bar.bar.time)
                    newest[key] = max(newest.get(key, (-1, None)), (bar.revision, bar.bar))
        held = _held(self.folder / "exported" / "bars.csv")
        for symbol in self.symbols:
            for day in vendor.known(symbol)[-20:]:
                on_topic = newest.get((symbol, day), (0, None))[1]
                if on_topic is None or list(on_topic[1:5]) != held.get((symbol, day)):
                    yield f"{symbol} {day}: {on_topic} on the topic, {held.get((symbol, day))} in the ledger"


def replace_now(vendor: Vendor, now: datetime) -> Vendor:
    """Return the vendor at another instant, for what it would have known."""
    vendor.now = now
    return vendor


def _held(file: Path) -> dict[tuple[str, str], list[float]]:
    newest: dict[tuple[str, str], tuple[int, list[float]]] = {}
    with file.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            key, prices = (row["symbol"], row["time"]), [float(row[name]) for name in ("open", "high", "low", "close")]
            newest[key] = max(newest.get(key, (-1, [])), (int(row["revision"]), prices))
    return {key: prices for key, (_, prices) in newest.items()}


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
