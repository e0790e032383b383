"""From a request to bars in the ledger: what every story begins with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from prefect.futures import PrefectFuture, wait

from flows import tasks
from flows.core.bars import Interval
from flows.core.cleaning import Cleaned, RawSeries
from flows.core.connections import CsvConnection
from flows.core.loads import loads
from flows.core.request import Asked, is_deep, month_wanted
from flows.pace import set_pace
from flows.parts import Parts
from flows.relay import Relay
from flows.steps import Consumed, Run, is_outdated, jumps_before, share, unanswered

WAVE_SECONDS = 60
"""How long symbols with newer bars wait for those with older ones to be served."""

LOAD_BARS = 15_000
"""Bars sent before they are read back: the embedded broker keeps 5 MiB a partition."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Whose bars are in the ledger now."""

    ready: tuple[Asked, ...]
    """The symbols that go on."""
    cleaned: Mapping[str, Cleaned]
    notes: tuple[str, ...]
    """What the reader should know about topics and requests."""
    doubts: Mapping[str, str] = field(default_factory=dict)
    """By symbol: why a jump of its prices may be left unexplained."""


def gathered(parts: Parts, run: Run, asked: Sequence[Asked], relay: Relay, interval: Interval) -> Gathered:
    """Fetch, clean, produce and consume, and ask about jumps; a symbol that fails at any of it is dropped from the relay."""
    topic_words = _connect(parts, run, asked, relay)
    cleaned, words = _gather(parts, run, relay.going(asked), relay, interval)
    consumed = _stream(parts, run, cleaned, relay)
    read = (note for found in consumed.values() for note in found.notes)
    ready = tuple(one for one in asked if one.series.symbol in consumed)
    notes = tuple(dict.fromkeys((*topic_words, *words, *read)))
    return Gathered(ready, cleaned, notes, _explain(parts, run, ready, cleaned))


def _connect(parts: Parts, run: Run, asked: Sequence[Asked], relay: Relay) -> tuple[str, ...]:
    """Meet the Kafka cluster; without it nobody goes on, and no request is spent. Return what its topics are like."""
    meeting = tasks.connect.submit(parts)
    met = relay.collect("connect", dict.fromkeys((one.series.symbol for one in asked), meeting))
    return (*next(iter(met.values()), ()), *_catch_up(parts, run, relay.going(asked), relay))


def _catch_up(parts: Parts, run: Run, going: Sequence[Asked], relay: Relay) -> tuple[str, ...]:
    """Read what stands on the topic already: a run that was interrupted, or another program, may have sent it."""
    if parts.kafka.embedded or not going:
        return ()
    reading = tasks.consume.submit(parts, [], run.run_id)
    read = relay.collect("consume", dict.fromkeys((one.series.symbol for one in going), reading))
    return next((found.notes for found in read.values()), ())


def _gather(
    parts: Parts, run: Run, asked: Sequence[Asked], relay: Relay, interval: Interval
) -> tuple[dict[str, Cleaned], tuple[str, ...]]:
    """Return each symbol's bars, and what the reader should know about the requests."""
    set_pace(parts.source)
    shared = share(parts, run, asked, interval)
    for symbol, reason in shared.waiting.items():
        relay.drop(symbol, "fetch", reason)
    fetching: dict[str, PrefectFuture[RawSeries]] = {}
    for wave in shared.waves:
        fetching |= _fetch_wave(parts, run, wave)
    raws = relay.collect("fetch", fetching)
    complete_at = run.now - parts.source.delay
    cleaning = {symbol: tasks.clean.submit(raw, complete_at) for symbol, raw in raws.items()}
    return relay.collect("clean", cleaning), (shared.sentence,) if shared.waiting else ()


def _fetch_wave(parts: Parts, run: Run, wave: Sequence[Asked]) -> dict[str, PrefectFuture[RawSeries]]:
    """Fetch some symbols side by side; return when all have their answer, or when it takes too long to wait for it."""
    fetching = {one.series.symbol: _fetch(parts, run, one) for one in wave}
    answered = wait(list(fetching.values()), timeout=WAVE_SECONDS).done
    for one in wave:
        future = fetching[one.series.symbol]
        if future in answered and _is_old_answer(future, one, run.now - parts.source.delay):
            fetching[one.series.symbol] = _fetch(parts, run, one, anew=True)
    return fetching


def _is_old_answer(future: PrefectFuture[RawSeries], one: Asked, complete_at: datetime) -> bool:
    """Say whether an answer comes from an earlier run and lacks the bar in question, so that it has to be asked anew."""
    raw = future.result(raise_on_failure=False)
    return future.state.name == "Cached" and isinstance(raw, RawSeries) and is_outdated(raw, one.slot, complete_at)


def _fetch(parts: Parts, run: Run, one: Asked, *, anew: bool = False) -> PrefectFuture[RawSeries]:
    # A file of one's own costs nothing and may have changed.
    task = tasks.fetch.with_options(refresh_cache=anew or isinstance(parts.source, CsvConnection))
    return task.submit(parts, one.series, one.due, month_wanted(one, run.now), is_deep(one), run.issued_at)


def _stream(parts: Parts, run: Run, cleaned: Mapping[str, Cleaned], relay: Relay) -> dict[str, Consumed]:
    """Send every symbol's bars to Kafka and read all of them back; return what was read for each symbol that goes on."""
    consumed: dict[str, Consumed] = {}
    for load in loads(cleaned, LOAD_BARS):
        going = {symbol: piece for symbol, piece in load.items() if symbol not in relay.dropped}
        receipts = relay.collect("produce", {s: tasks.produce.submit(parts, piece, run) for s, piece in going.items()})
        if receipts:
            reading = tasks.consume.submit(parts, list(receipts.values()), run.run_id)
            consumed |= relay.collect("consume", dict.fromkeys(receipts, reading))
    return {symbol: found for symbol, found in consumed.items() if symbol not in relay.dropped}


def _explain(parts: Parts, run: Run, asked: Sequence[Asked], cleaned: Mapping[str, Cleaned]) -> dict[str, str]:
    """Ask the source about jumps that look like splits; return for each such symbol why one may be left unexplained."""
    asking = {}
    for one in asked:
        jumps = jumps_before(parts, cleaned[one.series.symbol], one.slot, run.now)
        if jumps:
            asking[one.series.symbol] = tasks.ask_about.submit(parts, one.series, jumps, run.issued_at)
    answers = {symbol: future.result(raise_on_failure=False) for symbol, future in asking.items()}
    return {symbol: unanswered(symbol, found) for symbol, found in answers.items()}
