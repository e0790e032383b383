"""``nextclose forecast``: one run, now."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from flows.cli.session import play, prefect_ready, say
from flows.core.errors import NextcloseError
from flows.core.forecast import failure_of
from flows.core.report import Report, failure_facts, forecast_facts

EXIT_ALL, EXIT_SOME, EXIT_NONE = 0, 3, 4


def _day(text: str | None) -> str | None:
    if text is not None:
        try:
            datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise typer.BadParameter(f"{text!r} is no date; write it like 2026-11-20") from None
    return text


def _instant(text: str | None) -> str | None:
    if text is not None:
        try:
            zoned = datetime.fromisoformat(text).tzinfo
        except ValueError:
            raise typer.BadParameter(f"{text!r} is no instant; write it like 2026-11-23T15:30+00:00") from None
        if zoned is None:
            raise typer.BadParameter(f"{text!r} has no time zone; write it like 2026-11-23T15:30+00:00")
    return text


def _model(text: str | None) -> str | None:
    from flows.core.models import MODELS

    if text is not None and text not in MODELS:
        raise typer.BadParameter(f"no model is called {text!r}; there are {', '.join(MODELS)}")
    return text


def _interval(text: str) -> str:
    from flows.core.bars import Interval

    if text not in set(Interval):
        raise typer.BadParameter(f"no interval is called {text!r}; there are {', '.join(Interval)}")
    return text


def _symbols(symbols: list[str]) -> list[str]:
    from flows.watchlist import parse_symbols

    try:
        return list(parse_symbols(symbols))
    except NextcloseError:
        raise typer.BadParameter(f"{' '.join(symbols)!r}: a symbol is letters and digits, such as IBM") from None


def forecast(
    symbols: Annotated[list[str], typer.Argument(callback=_symbols, help="One or more symbols, such as IBM.")],
    interval: Annotated[str, typer.Option(callback=_interval, help="How much time each bar spans.")] = "daily",
    as_of: Annotated[
        str | None, typer.Option(callback=_day, metavar="DATE", help="The last completed bar to use.")
    ] = None,
    now: Annotated[
        str | None, typer.Option(callback=_instant, metavar="INSTANT", help="Play the run as if at this instant.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(callback=_model, metavar="NAME", help="Use this model instead of the best one.")
    ] = None,
    resend: Annotated[bool, typer.Option("--resend", help="Mail again what was mailed before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Forecast the next close of one symbol or several, record it and mail it."""
    given = {"interval": interval, "as_of": as_of, "now": now, "model": model or "best", "resend": resend}
    report, failed = _run(symbols, given)
    made = {entry.symbol: forecast_facts(entry) for entry in report.entries} if report else {}
    facts = [made.get(symbol) or failed[symbol] for symbol in symbols]
    if as_json:
        print(json.dumps(facts if len(facts) > 1 else facts[0], indent=2, ensure_ascii=False))
    elif report is not None:
        _show(report)
    raise typer.Exit(EXIT_ALL if len(made) == len(symbols) else EXIT_SOME if made else EXIT_NONE)


def _run(symbols: list[str], given: Mapping[str, object]) -> tuple[Report | None, dict[str, dict[str, object]]]:
    """Return the report, if there is one, and the facts of each symbol that failed."""
    with prefect_ready():
        from flows.forecast_symbol import forecast_symbol
        from flows.forecast_watchlist import forecast_watchlist

        try:
            if len(symbols) == 1:
                report = play(forecast_symbol, symbol=symbols[0], **given)
            else:
                report = play(forecast_watchlist, symbols=symbols, **given)
        except NextcloseError as error:
            say(f"nextclose: {error}")
            return None, {symbol: failure_facts(failure_of(symbol, "request", error, "")) for symbol in symbols}
    return report, {failure.symbol: failure_facts(failure) for failure in report.failures}


def _show(report: Report) -> None:
    from flows.publishers.text import as_text
    from flows.publishers.words import in_words

    print(as_text(in_words(report)), end="")
