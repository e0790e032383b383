"""``nextclose explain``: why there was no mail, and where a number comes from."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from flows.cli import options
from flows.cli.session import prefect_ready

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flows.ledger.slots import SlotRecord
    from flows.parts import Parts


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
            slots = _slots(engine, asked, chosen, parts.mail.timezone)
            _print_json(parts, slots) if as_json else _print(parts, engine, slots, asked, chosen)


def _newest_day(engine: "Engine", symbol: str | None, zone: str) -> date:
    from flows.ledger.slots import newest_slot

    return (newest_slot(engine, symbol) or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date()


def _slots(engine: "Engine", day: date, symbol: str | None, zone: str) -> "list[SlotRecord]":
    from flows.ledger.slots import slots_between

    begin = datetime.combine(day, time(), ZoneInfo(zone))
    # Not 24 hours later: on some days the clock is changed.
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return slots_between(engine, begin, end, symbol)


def _print_json(parts: "Parts", slots: "list[SlotRecord]") -> None:
    from flows.publishers.slot_words import explained

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
            "sentence": explained(slot, parts.mail.timezone, datetime.now(UTC)),
        }
        for slot in slots
    ]
    print(json.dumps(rows, indent=2, ensure_ascii=False))


def _print(parts: "Parts", engine: "Engine", slots: "list[SlotRecord]", day: date, symbol: str | None) -> None:
    from flows.publishers.slot_words import explained, nothing_ran

    zone, clock = parts.mail.timezone, datetime.now(UTC)
    print("\n".join(explained(slot, zone, clock) for slot in slots) or nothing_ran(symbol, day, zone, clock))
    if symbol is not None:
        lines = _number(engine, slots, symbol)
        print("\n".join(["", "Where the number comes from:", *(f"  - {line}" for line in lines)]) if lines else "")


def _number(engine: "Engine", slots: "list[SlotRecord]", symbol: str) -> list[str]:
    from flows.ledger.provenance import came_from, newest_forecast, provenance_of
    from flows.publishers.number_words import where_from

    made = [slot.forecast_id for slot in slots if slot.forecast_id]
    found = provenance_of(engine, made[-1]) if made else newest_forecast(engine, symbol)
    return [] if found is None else where_from(found, *came_from(engine, found))
