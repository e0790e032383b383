"""Making a recorded forecast again, from the bars as they were known then."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from flows.core.bars import BarRevision, BarSeries
from flows.core.calendars import calendar_of
from flows.core.errors import NextcloseError
from flows.core.forecast import Prediction, identity
from flows.core.periods import Slot
from flows.core.predicting import predict
from flows.core.recipe import recipe_from
from flows.core.replays import altered_topic, bars_differ, different_numbers
from flows.ledger.replays import KeptBar, Recorded, kept_bars, workbench
from flows.parts import Parts
from flows.steps.looking_back import look_back
from flows.stream.codec import encode_forecast
from flows.stream.rereading import Reread, read_then, reread
from flows.stream.topics import BARS, topic_name
from flows.version import code_version

_log = logging.getLogger("nextclose")


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of making one forecast again."""

    forecast_id: str
    name: str
    differences: tuple[str, ...] = ()
    """What is not as it was recorded, one sentence each; empty where everything is the same."""
    notes: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Say whether every hash and number is as it was recorded."""
        return not self.differences


def topic_of(parts: Parts, found: Sequence[Recorded], tell: Callable[[int], None] = lambda _: None) -> Reread:
    """Read the bars of some forecasts from their topic, once for all of them."""
    topic = topic_name(BARS, parts.kafka, parts.origin)
    return reread(parts.kafka, topic, {one.series for one in found}, tell)


def replay(engine: Engine, found: Recorded, topic: Reread | None = None) -> Replay:
    """Make a forecast again and compare it with its record.

    Args:
        engine: The ledger.
        found: The record.
        topic: What stands on the bars topic, up to whose recorded offsets the bars are taken; None to take the ledger's.
    """
    issued = found.issued
    on_topic, moved = (None, "") if topic is None else read_then(topic, found.series, found.bars_read)
    kept = kept_bars(engine, found.series, issued.as_of)
    given = [one.revision for one in kept] if on_topic is None else on_topic
    strange = () if on_topic is None else altered_topic(issued, [one.revision for one in kept], on_topic)
    differences = [*_row_differences(found), *strange]
    notes = [moved] if moved else []
    try:
        used = _as_known_then(engine, found, given)
        if used.digest == issued.data_digest:
            made, said = _made_again(found, used)
            differences += said
            notes += _version_notes(found)
            differences += [] if made is None else different_numbers(found.issued, found.parameters, made)
        else:
            differences += bars_differ(issued, found.bars, found.first_bar, used, _unsound(kept), strange)
    except NextcloseError as error:
        differences += [*_unsound(kept), f"it cannot be made again: {error}"]
    return Replay(issued.forecast_id, issued.name, tuple(dict.fromkeys(differences)), tuple(notes))


def _row_differences(found: Recorded) -> list[str]:
    """Return what shows that the row itself is not what was written."""
    issued = found.issued
    said = []
    if identity(issued, issued.target, found.chosen_by, backfill=issued.backfill) != issued.forecast_id:
        said.append("the forecast's own row was altered: its numbers do not give its id")
    if found.record_hash and hashlib.sha256(encode_forecast(issued)).hexdigest() != found.record_hash:
        said.append("the forecast's own row was altered: it does not give the hash of its record")
    return said


def _slot(found: Recorded) -> Slot:
    calendar = calendar_of(found.issued.symbol, found.issued.interval)
    return Slot(calendar.period(found.issued.as_of), calendar.period(found.issued.target))


def _as_known_then(engine: Engine, found: Recorded, given: Sequence[BarRevision]) -> BarSeries:
    """Return the history that gives the recorded digest; else the one that comes closest.

    What was received after the forecast was issued played no part in it, unless the runs were told to play days out of order;
    and a later import of older bars makes a history longer than it was.
    """
    issued = found.issued
    in_time = [one for one in given if one.received_at <= issued.issued_at]
    choices = [in_time, list(given)]
    choices += [[one for one in chosen if one.bar.time >= found.first_bar] for chosen in choices]
    looked = []
    for used in _looked_at(engine, found, choices):
        if used.digest == issued.data_digest:
            return used
        looked.append(used)
    return min(looked, key=lambda used: abs(len(used) - found.bars))


def _looked_at(engine: Engine, found: Recorded, choices: Sequence[Sequence[BarRevision]]) -> Iterator[BarSeries]:
    slot = _slot(found)
    known_at = found.known_at or min(found.issued.issued_at, slot.target.closes_at)
    for chosen in choices:
        bench = workbench(engine, found.series, chosen)
        try:
            yield look_back(bench, found.series, slot, known_at).used
        finally:
            bench.dispose()


def _made_again(found: Recorded, used: BarSeries) -> tuple[Prediction | None, list[str]]:
    if found.recipe is None:
        return None, []
    try:
        recipe = recipe_from(found.recipe)
    except ValueError:
        return None, ["the recipe that it was made by cannot be read from its row"]
    _log.info("%s: making it again", found.issued.name)
    # The recorded version of the code is part of the id; whether another one gives the same numbers is what is asked here.
    return predict(used, _slot(found), found.issued.code_version, recipe), []


def _version_notes(found: Recorded) -> list[str]:
    if found.recipe is None:
        return ["it was recorded before recipes were kept: its bars are the same, its numbers were not made again"]
    if found.issued.code_version != code_version():
        return [f"it was made by the code {found.issued.code_version}, and made again by {code_version()}"]
    return []


def _unsound(kept: Sequence[KeptBar]) -> list[str]:
    return [
        f"the bar of {one.revision.bar.time} (revision {one.revision.revision}) was altered after it was kept: its close is "
        f"{one.revision.bar.close:g} now, and its checksum does not fit"
        for one in kept
        if not one.is_sound
    ]
