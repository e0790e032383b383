"""``nextclose forecast``: one run, now."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import typer

from flows.cli.session import play, prefect_ready, say
from flows.core.errors import NextcloseError
from flows.core.forecast import failure_of
from flows.core.report import Report, failure_facts, forecast_facts

CONTEST_HELP = "The models to compare: full, cheap, or none (recorded: the winner that evaluate has found)."
EXIT_ALL, EXIT_SOME, EXIT_NONE = 0, 3, 4


def _day(text: str | None) -> str | None:
    if text is not None:
        from flows.core.stamps import day_in

        if day_in(text) is None:
            raise typer.BadParameter(f"{text!r} is no date; write it like 2026-11-20")
    return text


def known_instant(text: str | None) -> str | None:
    """Return an instant as it was written; raise typer.BadParameter if it is none, or has no time zone."""
    if text is not None:
        try:
            zoned = datetime.fromisoformat(text).tzinfo
        except ValueError:
            raise typer.BadParameter(f"{text!r} is no instant; write it like 2026-11-23T15:30+00:00") from None
        if zoned is None:
            raise typer.BadParameter(f"{text!r} has no time zone; write it like 2026-11-23T15:30+00:00")
    return text


def known_model(text: str | None) -> str | None:
    """Return the name of a model; raise typer.BadParameter if there is none of this name."""
    from flows.core.models import MODELS

    if text is not None and text not in MODELS:
        raise typer.BadParameter(f"no model is called {text!r}; there are {', '.join(MODELS)}")
    return text


def known_contest(text: str) -> str:
    """Return the kind of contest of this name; raise typer.BadParameter if there is none."""
    from flows.core.recipe import ContestKind

    if text not in set(ContestKind):
        raise typer.BadParameter(f"no contest is called {text!r}; there are {', '.join(ContestKind)}")
    return text


def known_order(text: str) -> str:
    """Return the order of an ARIMA as the flows take it; raise typer.BadParameter if it is none."""
    from flows.core.recipe import order_in

    try:
        return ",".join(map(str, order_in(text)))
    except NextcloseError as error:
        raise typer.BadParameter(str(error)) from None


def known_method(text: str) -> str:
    """Return the method for intervals of this name; raise typer.BadParameter if there is none."""
    from flows.core.intervals import INTERVALS

    if text not in INTERVALS:
        raise typer.BadParameter(f"no method for intervals is called {text!r}; there are {', '.join(INTERVALS)}")
    return text


def _levels(levels: list[float] | None) -> list[float] | None:
    if any(not 0 < level < 1 for level in levels or ()):
        raise typer.BadParameter("a level lies between 0 and 1, such as 0.5")
    return levels


def known_interval(text: str) -> str:
    """Return the interval of this name; raise typer.BadParameter if there is none."""
    from flows.core.bars import Interval

    if text not in set(Interval):
        raise typer.BadParameter(f"no interval is called {text!r}; there are {', '.join(Interval)}")
    return text


def known_source(text: str) -> str:
    """Return the source of this name; raise typer.BadParameter if there is none."""
    from flows.core.connections import SOURCE_BLOCKS

    if text not in SOURCE_BLOCKS:
        raise typer.BadParameter(f"no source is called {text!r}; there are {', '.join(SOURCE_BLOCKS)}")
    return text


def known_symbols(symbols: list[str]) -> list[str]:
    """Return the symbols as the flows take them; raise typer.BadParameter if one cannot be a symbol."""
    from flows.watchlist import parse_symbols

    try:
        return list(parse_symbols(symbols))
    except NextcloseError:
        raise typer.BadParameter(f"{' '.join(symbols)!r}: a symbol is letters and digits, such as IBM") from None


def forecast(
    symbols: Annotated[list[str], typer.Argument(callback=known_symbols, help="One or more symbols, such as IBM.")],
    interval: Annotated[str, typer.Option(callback=known_interval, help="How much time each bar spans.")] = "daily",
    as_of: Annotated[
        str | None, typer.Option(callback=_day, metavar="DATE", help="The last completed bar to use.")
    ] = None,
    now: Annotated[
        str | None, typer.Option(callback=known_instant, metavar="INSTANT", help="Play the run as if at this instant.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(callback=known_model, metavar="NAME", help="Use this model instead of the best one.")
    ] = None,
    contest: Annotated[str, typer.Option(callback=known_contest, help=CONTEST_HELP)] = "full",
    arima_order: Annotated[
        str, typer.Option(callback=known_order, metavar="P,D,Q", help="The order of the model called arima.")
    ] = "1,1,0",
    intervals: Annotated[
        str, typer.Option(callback=known_method, metavar="METHOD", help="How the prediction intervals are made.")
    ] = "ewma-aci",
    level: Annotated[
        list[float] | None, typer.Option(callback=_levels, help="One more interval, such as 0.5; may be repeated.")
    ] = None,
    resend: Annotated[bool, typer.Option("--resend", help="Mail again what was mailed before.")] = False,
    source: Annotated[
        str, typer.Option(callback=known_source, metavar="NAME", help="The block that bars come from.")
    ] = "alpha-vantage",
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Forecast the next close of one symbol or several, record it and mail it."""
    given: dict[str, object] = {
        "interval": interval,
        "as_of": as_of,
        "now": now,
        "model": model or "best",
        "resend": resend,
    }
    given |= {"source": source, "contest": contest, "arima_order": arima_order, "intervals": intervals}
    given |= {"levels": level or None}
    try:
        report, message = _run(symbols, given)
    except NextcloseError as error:
        say(f"nextclose: {error}")
        failures = [failure_facts(failure_of(symbol, "request", error, "")) for symbol in symbols]
        _print(failures, as_json=as_json)
        raise typer.Exit(EXIT_NONE) from None
    known = {entry.symbol: forecast_facts(entry) for entry in report.entries}
    failed = {failure.symbol: failure_facts(failure) for failure in report.failures}
    _print([known.get(symbol) or failed[symbol] for symbol in symbols], as_json=as_json)
    if not as_json:
        _show(report, message)
    raise typer.Exit(EXIT_ALL if len(known) == len(symbols) else EXIT_SOME if known else EXIT_NONE)


def _print(facts: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts if len(facts) > 1 else facts[0], indent=2, ensure_ascii=False, allow_nan=False))


def _run(symbols: list[str], given: Mapping[str, object]) -> tuple[Report, str]:
    with prefect_ready():
        from flows.forecast_symbol import forecast_symbol
        from flows.forecast_watchlist import forecast_watchlist

        if len(symbols) == 1:
            return play(Report, forecast_symbol, symbol=symbols[0], **given)
        return play(Report, forecast_watchlist, symbols=symbols, **given)


def _show(report: Report, message: str) -> None:
    from flows.publishers.text import as_text
    from flows.publishers.words import in_words

    print(as_text(in_words(report)))
    print(f"How the run ended: {message}")
