"""What became of a slot, in one sentence: why there was no mail, or which one there was."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flows.core.bars import Interval
from flows.core.calendars import calendar_of
from flows.core.errors import NextcloseError
from flows.core.slots import Ended
from flows.ledger.slots import SlotRecord

LONGEST_RUN_SECONDS = 3600
"""The flows' own time-out: no run lasts longer."""


def explained(slot: SlotRecord, zone: str, clock: datetime, prefect: str = "") -> str:
    """Return the sentence about one slot.

    Args:
        slot: What the ledger knows.
        zone: The reader's time zone.
        clock: The time now: tells a run that is at it from one that was killed.
        prefect: The state in which Prefect saw the run end; empty where it has not, or is not known.
    """
    day = slot.at.astimezone(ZoneInfo(zone)).date()
    interval = "" if slot.series.interval is Interval.DAILY else f" {slot.series.interval}"
    return f"{slot.series.symbol}{interval}, {day:%A} {day}{_closed(slot, day)}: {_fate(slot, zone, clock, prefect)}."


def nothing_ran(symbol: str | None, day: date, zone: str, clock: datetime) -> str:
    """Say that the ledger knows of no run on a day."""
    what = f"{symbol or 'any symbol'}, {day:%A} {day}"
    if day > clock.astimezone(ZoneInfo(zone)).date():
        return f"{what}: this day has not come yet."
    return (
        f"{what}: no run is on record, so there was no mail. Either none was asked for, or Prefect's server or worker was not "
        "running, or the schedule was paused: `make up` starts them, and *Deployments* in the UI shows the schedule."
    )


def unrecorded(name: str, at: datetime, state: str, message: str, zone: str) -> str:
    """Return the sentence about a run that Prefect knows of and the ledger does not."""
    day = at.astimezone(ZoneInfo(zone)).date()
    why = f": {message}" if message else ""
    return (
        f"run {name}, {day:%A} {day}: no mail, because the run of {_at(at, zone)} never came as far as the ledger; Prefect calls "
        f"it {state}{why}".rstrip(".")
        + "."
    )


def _closed(slot: SlotRecord, day: date) -> str:
    """Say that the exchange was closed on the day, if it was."""
    try:
        exchange = calendar_of(slot.series.symbol, slot.series.interval).exchange
        return "" if exchange.is_session(day.isoformat()) else f" (no session of {exchange.code})"
    except NextcloseError:
        return ""


def _fate(slot: SlotRecord, zone: str, clock: datetime, prefect: str) -> str:
    if slot.ended is not None and slot.ended in _WORDS:
        return _WORDS[Ended(slot.ended)](slot, zone).rstrip(".")
    if slot.run_outcome != "Running":
        return f"the run ended as {slot.run_outcome}"
    began = slot.started_at or slot.at
    if prefect:
        return (
            f"no mail that is known of: the run that began at {_at(began, zone)} broke off; Prefect calls it {prefect}"
        )
    if (clock - began).total_seconds() > LONGEST_RUN_SECONDS:
        return (
            f"no mail that is known of: the run that began at {_at(began, zone)} was killed, or its machine went down"
        )
    return f"the run that began at {_at(began, zone)} has not ended: it is at work, or it was killed"


def _at(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def _sent(slot: SlotRecord, zone: str) -> str:
    if slot.mail is None:
        return f"the forecast made after the bar of {slot.due} was mailed"
    return (
        f"the forecast made after the bar of {slot.due} was mailed at {_at(slot.mail.at, zone)}: {slot.mail.subject!r}"
    )


def _nothing_new(slot: SlotRecord, zone: str) -> str:
    told = "" if slot.mail is None else f", and was mailed at {_at(slot.mail.at, zone)}"
    return (
        f"no mail, because nothing was new: the last completed {slot.series.interval.span} is {slot.due}, whose forecast had "
        f"been made before{told}"
    )


def _not_alerted(slot: SlotRecord, _: str) -> str:
    return f"no mail, because the condition for one was not met: {slot.reason or 'no reason is on record'}"


def _mail_unknown(slot: SlotRecord, zone: str) -> str:
    when = "" if slot.mail is None else f" at {_at(slot.mail.at, zone)}"
    return (
        f"whether the mail about the bar of {slot.due} went out is not known, because the mail server or a run broke off in the "
        f"middle{when}; it is not sent again by itself, `nextclose forecast {slot.series.symbol} --resend` does"
    )


def _no_forecast(slot: SlotRecord, zone: str) -> str:
    mail = slot.mail
    told = f" (mailed at {_at(mail.at, zone)})" if mail is not None and mail.state == "SENT" else " (not mailed)"
    what = "no mail" if slot.forecast_id else "no forecast"
    return f"{what}, because of this{told if what == 'no forecast' else ''}: {_reason(slot)}"


def _superseded(slot: SlotRecord, _: str) -> str:
    return f"no forecast, because another run or day had taken over: {_reason(slot)}"


def _reason(slot: SlotRecord) -> str:
    return (slot.reason or "no reason is on record").removeprefix(f"{slot.series.symbol}, ")


_WORDS: Mapping[str, Callable[[SlotRecord, str], str]] = {
    Ended.SENT: _sent,
    Ended.NOTHING_NEW: _nothing_new,
    Ended.NOT_ALERTED: _not_alerted,
    Ended.MAIL_UNKNOWN: _mail_unknown,
    Ended.STALE: _no_forecast,
    Ended.QUOTA: _no_forecast,
    Ended.FAILED: _no_forecast,
    Ended.SUPERSEDED: _superseded,
}
