"""``nextclose explain``: why there was no mail, and where a number comes from."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from flows.cli import options
from flows.cli.session import prefect_ready

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flows.ledger.slots import SlotRecord


def explain(
    symbol: Annotated[str | None, typer.Argument(help="Only this symbol; all where none is given.")] = None,
    day: Annotated[
        str | None,
        typer.Option(
            callback=options.known_day,
            metavar="DATE",
            help="The day to explain, on the reader's clock; the day of the newest run where it is not given.",
        ),
    ] = None,
    source: options.Source = "alpha-vantage",
    as_json: options.AsJson = False,
) -> None:
    """Say what became of each run of a day, and with a symbol, where the number in its forecast comes from."""
    chosen = options.known_symbols([symbol])[0] if symbol else None
    with prefect_ready(quiet=True):
        from flows.ledger.store import open_ledger
        from flows.parts import parts_in_use

        with parts_in_use(source) as parts:
            engine = open_ledger(parts.ledger, parts.origin)
            asked = date.fromisoformat(day) if day else _newest_day(engine, chosen, parts.mail.timezone)
            told = _told(engine, asked, chosen, parts.mail.timezone)
            _print_json(told) if as_json else _print(engine, told, asked, chosen, parts.mail.timezone)


def _newest_day(engine: "Engine", symbol: str | None, zone: str) -> date:
    from flows.ledger.slots import newest_slot

    return (newest_slot(engine, symbol) or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class _Told:
    """A day's slots with their sentences, and the sentences about runs that left no trace in the ledger."""

    slots: "list[tuple[SlotRecord, str]]"
    others: list[str]


def _told(engine: "Engine", day: date, symbol: str | None, zone: str) -> _Told:
    from flows.ledger.slots import slots_between
    from flows.publishers.slot_words import explained, unrecorded
    from flows.unrecorded import prefect_runs

    begin = datetime.combine(day, time(), ZoneInfo(zone))
    # Not 24 hours later: on some days the clock is changed.
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    slots, clock = slots_between(engine, begin, end), datetime.now(UTC)
    known = prefect_runs(begin, end)
    states = {run.run_id: f"{run.state} ({run.message})" for run in known.values() if run.has_ended}
    lost = [run for run in known.values() if run.run_id not in {slot.run_id for slot in slots} and run.at <= clock]
    return _Told(
        [
            (slot, explained(slot, zone, clock, states.get(slot.run_id, "")))
            for slot in slots
            if symbol in (None, slot.series.symbol)
        ],
        [unrecorded(run.name, run.at, run.state, run.message, zone) for run in lost if _is_lost(engine, run.run_id)],
    )


def _is_lost(engine: "Engine", run_id: str) -> bool:
    """Say whether the ledger knows nothing of a run, which may have played another day."""
    from flows.ledger.slots import slots_of

    return not slots_of(engine, run_id)


def _print_json(told: _Told) -> None:
    rows = [
        {
            **slot.series._asdict(),
            "run_id": slot.run_id,
            "flow": slot.flow,
            "at": slot.at.isoformat(),
            "scheduled": slot.scheduled,
            "ended": slot.ended,
            "due": slot.due,
            "forecast_id": slot.forecast_id,
            "sentence": sentence,
        }
        for slot, sentence in told.slots
    ]
    print(json.dumps([*rows, *({"sentence": sentence} for sentence in told.others)], indent=2, ensure_ascii=False))


def _print(engine: "Engine", told: _Told, day: date, symbol: str | None, zone: str) -> None:
    from flows.publishers.slot_words import nothing_ran

    sentences = [*(sentence for _, sentence in told.slots), *told.others]
    print("\n".join(sentences) or nothing_ran(symbol, day, zone, datetime.now(UTC)))
    if symbol is not None:
        lines = _number(engine, [slot for slot, _ in told.slots], symbol)
        print("\n".join(["", "Where the number comes from:", *(f"  - {line}" for line in lines)]) if lines else "")


def _number(engine: "Engine", slots: "list[SlotRecord]", symbol: str) -> list[str]:
    from flows.ledger.provenance import came_from, newest_forecast, provenance_of
    from flows.publishers.number_words import where_from

    made = [slot.forecast_id for slot in slots if slot.forecast_id]
    found = provenance_of(engine, made[-1]) if made else newest_forecast(engine, symbol)
    return [] if found is None else where_from(found, *came_from(engine, found))
