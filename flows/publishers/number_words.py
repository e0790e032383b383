"""Where the number in a forecast comes from, in words."""

from collections.abc import Sequence

from flows.core.history import import_note
from flows.core.report import money
from flows.ledger.imports import Import
from flows.ledger.provenance import Provenance

CHOSEN = {
    "contest": "chosen by the comparison of models",
    "person": "chosen by the person who asked",
    "recorded": "the winner of an earlier comparison, on record",
}


def where_from(found: Provenance, source: str | None, files: Sequence[Import]) -> list[str]:
    """Return the facts behind a forecast, one a line: the number, the bars, the model, the code, the record."""
    point, low, high = (money(price, found.naive) for price in (found.point, found.lower80, found.upper80))
    counted = "; it is a backfill, kept and never counted" if found.backfill else ""
    return [
        f"{found.symbol} {found.interval}, {found.as_of} → {found.target}: {point} (80 % {low} to {high}){counted}",
        (
            f"bars: {found.bars} from {found.first_bar} to {found.as_of}, the last close {money(found.naive, found.naive)}, from "
            f"{source or 'another program, by Kafka'} (origin {found.origin}); SHA-256 {found.data_digest}"
        ),
        *(import_note(one.file, one.bars, one.first_bar, one.last_bar, one.imported_at) for one in files),
        *_read(found),
        f"model: {found.model}, {CHOSEN[found.chosen_by]}{_estimated(found)}{_contest(found)}",
        f"intervals: {found.intervals or 'of an earlier version'}",
        f"code: {found.code_version}; run {found.run_id}, issued {found.issued_at:%Y-%m-%d %H:%M:%S} UTC",
        *_recorded(found),
        f"forecast {found.forecast_id}: `nextclose replay {found.forecast_id[:12]}` makes it again and compares",
    ]


def _read(found: Provenance) -> list[str]:
    read = found.bars_read or {}
    places = ", ".join(f"partition {one['partition']} up to {one['next_offset']}" for one in read.get("read", ()))
    return [f"read from Kafka: {read['topic']}, {places}"] if places else []


def _estimated(found: Provenance) -> str:
    told = ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in found.parameters.items()
    )
    return f"; {told}" if told else ""


def _contest(found: Provenance) -> str:
    scores = [score for score in found.contest.get("scores", ()) if score.get("mse") is not None]
    mine = next((score for score in scores if score["name"] == found.model), None)
    if mine is None or len(scores) < 2:
        return ""
    others = "1 other model" if len(scores) == 2 else f"{len(scores) - 1} other models"
    return f"; MSE {mine['mse']:#.4g} over {found.contest['origins']} closes, compared with {others}"


def _recorded(found: Provenance) -> list[str]:
    if found.record_hash is None:
        return []
    where = (
        ""
        if found.topic_offset is None
        else f" on {found.topic}, partition {found.partition}, offset {found.topic_offset}"
    )
    return [f"recorded as SHA-256 {found.record_hash}{where}"]
