"""A range of past days for ``nextclose forecast --as-of FIRST..LAST``."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import typer

from flows.cli.session import prefect_ready, say

if TYPE_CHECKING:
    from flows.backfilling import Filled

EXIT_ALL, EXIT_SOME, EXIT_NONE = 0, 3, 4


def backfill_range(symbols: list[str], given: Mapping[str, Any], *, as_json: bool) -> None:
    """Make the forecasts of a range of days, show them, and exit as ``forecast`` does."""
    made = _made(symbols, given)
    _print(made, as_json=as_json)
    good = sum(one.forecast is not None for one in made)
    raise typer.Exit(EXIT_ALL if made and good == len(made) else EXIT_SOME if good else EXIT_NONE)


def _made(symbols: list[str], given: Mapping[str, Any]) -> "list[Filled]":
    with prefect_ready(quiet=True):
        from rich.console import Console
        from rich.progress import Progress

        from flows.backfilling import FLOW, backfill
        from flows.core.bars import Interval, Origin
        from flows.core.recipe import ContestKind
        from flows.core.request import Request
        from flows.parameters import recipe
        from flows.parts import parts_in_use
        from flows.steps import Run

        first, last = map(date.fromisoformat, given["as_of"].split(".."))
        contest = ContestKind(given["contest"])
        how = recipe(given["model"], contest, given["intervals"], given["levels"], given["arima_order"])
        request = Request(tuple(symbols), Interval(given["interval"]), how, source=given["source"])
        with parts_in_use(given["source"]) as parts, Progress(console=Console(stderr=True)) as progress:
            clock = datetime.now(UTC)
            now = datetime.fromisoformat(given["now"]) if given["now"] else clock
            issued_at = clock if parts.origin is Origin.LIVE else now
            run = Run(str(uuid.uuid4()), FLOW, now, issued_at, given_now=given["now"] is not None)
            bar = progress.add_task("forecasts", total=None)
            return backfill(
                parts, run, request, first, last, lambda done, of: progress.update(bar, completed=done, total=of)
            )


def _print(made: "list[Filled]", *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_facts(one) for one in made], indent=2, ensure_ascii=False, allow_nan=False))
        return
    for one in made:
        print(_line(one))
    say(f"nextclose: {len(made)} days; backfills are kept and never counted, and nobody was mailed")


def _facts(one: "Filled") -> dict[str, object]:
    if one.forecast is None:
        failed = one.failure
        facts = {} if failed is None else {"step": failed.step, "kind": failed.kind, "reason": failed.reason}
        return {"symbol": one.symbol, "as_of": one.as_of, "failed": facts}
    p = one.forecast.prediction
    names = (
        "symbol",
        "interval",
        "origin",
        "as_of",
        "point",
        "lower80",
        "upper80",
        "lower95",
        "upper95",
        "naive",
        "model",
    )
    return {
        **{name: getattr(p, name) for name in names},
        "target": p.target.label,
        "backfill": one.forecast.backfill,
        "known": one.known,
        "forecast_id": one.forecast.forecast_id,
    }


def _line(one: "Filled") -> str:
    from flows.core.report import money

    if one.forecast is None:
        return one.failure.reason if one.failure is not None else one.symbol
    p = one.forecast.prediction
    point, low, high = (money(price, p.naive) for price in (p.point, p.lower80, p.upper80))
    said = " (on record before)" if one.known else ""
    return f"{p.symbol} {p.as_of} → {p.target.label}: {point} (80 % {low} to {high}) by {p.model}{said}"
