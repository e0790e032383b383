"""The options that several commands share, and what they accept."""

from datetime import datetime
from typing import Annotated

import typer

from flows.core.errors import NextcloseError


def known_day(text: str | None) -> str | None:
    """Return the date as it was given; raise typer.BadParameter if it is none."""
    if text is not None:
        from flows.core.stamps import day_in

        if day_in(text) is None:
            raise typer.BadParameter(f"{text!r} is no date; write it like 2026-11-20")
    return text


def known_days(text: str | None) -> str | None:
    """Return a date, or two with dots between, as they were given; raise typer.BadParameter if they are none."""
    if text is None or ".." not in text:
        return known_day(text)
    first, _, last = text.partition("..")
    known_day(first)
    known_day(last)
    if first > last:
        raise typer.BadParameter(f"{text!r}: the first day comes after the last")
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


def known_levels(levels: list[float] | None) -> list[float] | None:
    """Return the levels as they were given; raise typer.BadParameter if one is no probability."""
    from flows.core.recipe import HIGHEST_LEVEL

    if any(not 0 < level <= HIGHEST_LEVEL for level in levels or ()):
        raise typer.BadParameter(f"a level lies above 0 and is at most {HIGHEST_LEVEL}, such as 0.5")
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


def known_alert(text: str) -> str:
    """Return the condition of this name; raise typer.BadParameter if there is none."""
    from flows.core.alerts import AlertWhen

    if text not in set(AlertWhen):
        raise typer.BadParameter(f"no condition for a mail is called {text!r}; there are {', '.join(AlertWhen)}")
    return text


Symbols = Annotated[list[str], typer.Argument(callback=known_symbols, help="One or more symbols, such as IBM.")]
Interval = Annotated[str, typer.Option(callback=known_interval, help="How much time each bar spans.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        callback=known_days,
        metavar="DATE",
        help="The last completed bar to use; FIRST..LAST for all of these days, without mails.",
    ),
]
Now = Annotated[
    str | None, typer.Option(callback=known_instant, metavar="INSTANT", help="Play the run as if at this instant.")
]
Model = Annotated[
    str | None, typer.Option(callback=known_model, metavar="NAME", help="Use this model instead of the best one.")
]
Contest = Annotated[
    str,
    typer.Option(
        callback=known_contest,
        help="The models to compare: full, cheap, or recorded (no comparison: the winner that evaluate has found).",
    ),
]
Order = Annotated[str, typer.Option(callback=known_order, metavar="P,D,Q", help="The order of the model called arima.")]
Intervals = Annotated[
    str, typer.Option(callback=known_method, metavar="METHOD", help="How the prediction intervals are made.")
]
Levels = Annotated[
    list[float] | None, typer.Option(callback=known_levels, help="One more interval, such as 0.5; may be repeated.")
]
Resend = Annotated[bool, typer.Option("--resend", help="Mail again what was mailed before.")]
Alert = Annotated[
    str,
    typer.Option(
        callback=known_alert,
        metavar="WHEN",
        help="What a mail waits for: always, move or edge (the forecast, or an edge of its 80 % interval, is more than "
        "--alert-percent away from the last close), or failure. Failures are always mailed.",
    ),
]
AlertPercent = Annotated[float, typer.Option(min=0, max=100, help="The bound of --alert move and edge, in percent.")]
Each = Annotated[bool, typer.Option("--each", help="One mail a symbol instead of one for all.")]
Source = Annotated[str, typer.Option(callback=known_source, metavar="NAME", help="The block that bars come from.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")]
