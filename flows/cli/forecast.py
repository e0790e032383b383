"""``nextclose forecast``: one run, now."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from flows.cli import options
from flows.cli.backfill import backfill_range
from flows.cli.session import play, prefect_ready, say
from flows.core.errors import NextcloseError
from flows.core.forecast import failure_of
from flows.core.report import Report, failure_facts, forecast_facts

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

EXIT_ALL, EXIT_SOME, EXIT_NONE, EXIT_NOT_MAILED = 0, 3, 4, 5


def forecast(
    symbols: options.Symbols,
    interval: options.Interval = "daily",
    as_of: options.AsOf = None,
    now: options.Now = None,
    model: options.Model = None,
    contest: options.Contest = "full",
    arima_order: options.Order = "1,1,0",
    intervals: options.Intervals = "ewma-aci",
    level: options.Levels = None,
    resend: options.Resend = False,
    alert: options.Alert = "always",
    alert_percent: options.AlertPercent = 2.0,
    each: options.Each = False,
    source: options.Source = "alpha-vantage",
    as_json: options.AsJson = False,
) -> None:
    """Forecast the next close of one symbol or several, record it and mail it."""
    given: dict[str, object] = {"interval": interval, "as_of": as_of, "now": now, "model": model or "best"}
    given |= {"contest": contest, "arima_order": arima_order, "intervals": intervals, "levels": level or None}
    given |= {"resend": resend, "source": source, "alert": alert, "alert_percent": alert_percent}
    mails = "each" if each else "digest"
    if as_of is not None and ".." in as_of:
        backfill_range(symbols, given, as_json=as_json)
    try:
        report, state = _run(symbols, given, mails)
    except NextcloseError as error:
        say(f"nextclose: {error}")
        failures = [failure_facts(failure_of(symbol, "request", error, "")) for symbol in symbols]
        _print(failures, as_json=as_json)
        raise typer.Exit(EXIT_NONE) from None
    known = {entry.symbol: forecast_facts(entry) for entry in report.entries}
    failed = {failure.symbol: failure_facts(failure) for failure in report.failures}
    _print([known.get(symbol) or failed[symbol] for symbol in symbols], as_json=as_json)
    if not as_json:
        _show(report, str(state.message))
    if known and not state.is_completed():
        raise typer.Exit(EXIT_NOT_MAILED)
    raise typer.Exit(EXIT_ALL if len(known) == len(symbols) else EXIT_SOME if known else EXIT_NONE)


def _print(facts: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts if len(facts) > 1 else facts[0], indent=2, ensure_ascii=False, allow_nan=False))


def _run(symbols: list[str], given: Mapping[str, object], mails: str) -> "tuple[Report, State[Any]]":
    with prefect_ready():
        from flows.forecast_symbol import forecast_symbol
        from flows.forecast_watchlist import forecast_watchlist

        if len(symbols) == 1:
            return play(Report, forecast_symbol, symbol=symbols[0], **given)
        return play(Report, forecast_watchlist, symbols=symbols, mails=mails, **given)


def _show(report: Report, message: str) -> None:
    from flows.publishers.text import as_text
    from flows.publishers.words import in_words

    print(as_text(in_words(report)))
    print(f"How the run ended: {message}")
