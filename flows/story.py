"""The story that both forecasting flows tell, for one symbol or for many."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, wait
from prefect.runtime import flow_run

from flows import tasks
from flows.core.bars import Interval
from flows.core.cleaning import Cleaned, RawSeries
from flows.core.connections import CsvConnection
from flows.core.errors import NextcloseError
from flows.core.forecast import Forecast, Prediction
from flows.core.loads import loads
from flows.core.report import Report
from flows.core.request import Asked, Request, is_deep, month_wanted, plan
from flows.endings import ending, outcomes_of
from flows.ledger.runs import keep_run
from flows.ledger.store import open_ledger
from flows.pace import set_pace
from flows.parts import Parts, parts_in_use
from flows.publishers.outbox import Delivery
from flows.relay import Relay
from flows.steps import Consumed, Run, entry, is_outdated, jumps_before, recipe_for, share, unanswered, usable_history

WAVE_SECONDS = 60
"""How long symbols with newer bars wait for those with older ones to be served."""

LOAD_BARS = 15_000
"""Bars sent before they are read back: the embedded broker keeps 5 MiB a partition."""


def tell(request: Request) -> State[Report]:
    """Fetch, clean, produce, consume, forecast, record, report and mail; return how it ended.

    A symbol that fails at any step becomes a value in the report; the others go on.
    """
    with parts_in_use(request.source) as parts:
        run, clock = _begin(request, parts)
        asked, refused = plan(request, run.now, clock, parts.origin, parts.source.delay)
        relay = Relay({one.series.symbol: one.due for one in asked}, refused)
        topic_words = _connect(parts, run, asked, relay)
        cleaned, words = _gather(parts, run, relay.going(asked), relay, request.interval)
        consumed = _stream(parts, run, cleaned, relay)
        ready = [one for one in asked if one.series.symbol in consumed]
        doubts = _explain(parts, run, ready, cleaned)
        predictions, found = _forecast(parts, run, ready, cleaned, relay, doubts)
        recorded = _record(parts, run, ready, predictions, relay)
        entries = [entry(parts, recorded[name], found[name]) for name in request.symbols if name in recorded]
        notes = tuple(
            dict.fromkeys((*topic_words, *words, *(note for found in consumed.values() for note in found.notes)))
        )
        report = tasks.report(parts, run, request.interval, entries, relay.in_order(request.symbols), notes)
        delivery = tasks.notify(parts, report, request.resend, return_state=True).result(raise_on_failure=False)
        return _end(parts, run, report, delivery)


def _begin(request: Request, parts: Parts) -> tuple[Run, datetime]:
    logger = get_run_logger()
    # Prefect hands our messages to its handlers, and leaves their level to us.
    logging.getLogger("nextclose").setLevel(logger.getEffectiveLevel())
    for line in parts.lines:
        logger.info(line)
    clock = datetime.now(UTC)
    now = request.now or clock
    issued_at = clock if parts.origin == "live" else now
    return Run(str(flow_run.id), str(flow_run.flow_name), now, issued_at, request.now is not None), clock


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


def _forecast(
    parts: Parts,
    run: Run,
    asked: Sequence[Asked],
    cleaned: Mapping[str, Cleaned],
    relay: Relay,
    doubts: Mapping[str, str],
) -> tuple[dict[str, Prediction], dict[str, tuple[str, ...]]]:
    """Return each symbol's prediction, and the notes on its data."""
    forecasting, notes = {}, {}
    for one in asked:
        symbol = one.series.symbol
        try:
            history, holes = usable_history(parts, cleaned[symbol], one.slot, run.now, doubts.get(symbol, ""))
        except NextcloseError as error:
            relay.drop(symbol, "clean", error)
        else:
            recipe, said = recipe_for(parts, one.series, one.slot, one.recipe)
            notes[symbol] = (*cleaned[symbol].notes, *holes, *said)
            forecasting[symbol] = tasks.forecast.submit(history, one.slot, recipe)
    return relay.collect("forecast", forecasting), notes


def _record(
    parts: Parts, run: Run, asked: Sequence[Asked], predictions: Mapping[str, Prediction], relay: Relay
) -> dict[str, Forecast]:
    recording = {
        one.series.symbol: tasks.record.submit(parts, predictions[one.series.symbol], run, one.backfill)
        for one in asked
        if one.series.symbol in predictions
    }
    return relay.collect("record", recording)


def _end(parts: Parts, run: Run, report: Report, delivery: Delivery | BaseException) -> State[Report]:
    name, message, state = ending(report, delivery)
    engine = open_ledger(parts.ledger, parts.origin)
    keep_run(engine, run.run_id, run.flow, run.now, name, message, outcomes_of(report))
    return state
