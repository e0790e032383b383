"""What tells a forecast that was made again from its record."""

from collections.abc import Mapping, Sequence

from flows.core.bars import Bar, BarRevision, BarSeries
from flows.core.calendars import calendar_of
from flows.core.forecast import Prediction, identity
from flows.core.issued import Issued

NUMBERS = ("point", "lower80", "upper80", "lower95", "upper95", "naive", "model")
SHOWN = 5


def different_numbers(issued: Issued, parameters: Mapping[str, float | str], made: Prediction) -> list[str]:
    """Return what differs between a record and the forecast made again from the same bars."""
    said = [
        f"{name} was {getattr(issued, name)!r} and is {getattr(made, name)!r} now"
        for name in NUMBERS
        if getattr(issued, name) != getattr(made, name)
    ]
    if dict(parameters) != dict(made.parameters):
        said.append(f"the parameters were {dict(parameters)} and are {dict(made.parameters)} now")
    again = identity(made, made.target.label, made.chosen_by, backfill=issued.backfill)
    if not said and again != issued.forecast_id:
        said.append(f"its id was {issued.forecast_id} and is {again} now")
    return said


def bars_differ(
    issued: Issued, count: int, first: str, used: BarSeries, altered: Sequence[str], strange: Sequence[str]
) -> list[str]:
    """Return why the bars are not those that a forecast was made from.

    Args:
        issued: The forecast's record.
        count: From how many bars it was made.
        first: The first of them.
        used: What it would be made from now.
        altered: Bars that are not what was kept, in words.
        strange: What the topic says otherwise than the ledger, in words.
    """
    said = [*altered[:SHOWN], *([f"and {len(altered) - SHOWN} more bars were altered"] if len(altered) > SHOWN else [])]
    begins = used.bars[0].time if used.bars else "nowhere"
    if (len(used), begins) != (count, first):
        said.append(f"it was made from {count} bars from {first} on, and {len(used)} from {begins} on are found now")
        said += _missing(issued, first, used)
    if not said and not strange:
        said.append(
            "the bars are not those that it was made from, and the ledger alone does not show which: --from-kafka compares them"
        )
    return said


def _missing(issued: Issued, first: str, used: BarSeries) -> list[str]:
    present = {bar.time for bar in used.bars}
    calendar = calendar_of(issued.symbol, issued.interval)
    gone = [label for label in calendar.labels_between(first, issued.as_of) if label not in present]
    more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
    return [f"missing: {', '.join(gone[:SHOWN])}{more}"] if gone else []


def altered_topic(issued: Issued, kept: Sequence[BarRevision], on_topic: Sequence[BarRevision]) -> list[str]:
    """Return where the ledger's bars are not those on the topic that had been read when a forecast was made."""
    ledger = {(one.bar.time, one.revision): one.bar for one in kept}
    # The ledger keeps the first record of each version.
    topic = {(one.bar.time, one.revision): one.bar for one in reversed(on_topic) if one.bar.time <= issued.as_of}
    said = [
        f"the bar of {time} (revision {revision}) is {_shown(bar)} on the topic, and {_shown(ledger.get((time, revision)))} in "
        "the ledger"
        for (time, revision), bar in sorted(topic.items())
        if ledger.get((time, revision)) != bar
    ]
    return [*said[:SHOWN], *([f"and {len(said) - SHOWN} more bars differ"] if len(said) > SHOWN else [])]


def _shown(bar: Bar | None) -> str:
    return "missing" if bar is None else f"{bar.open:g}/{bar.high:g}/{bar.low:g}/{bar.close:g}/{bar.volume:g}"
