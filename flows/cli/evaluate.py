"""``nextclose evaluate``: which model does best on each symbol."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from flows.cli import options
from flows.cli.forecast import EXIT_ALL, EXIT_NONE, EXIT_SOME
from flows.cli.options import known_model, known_symbols
from flows.cli.session import play, prefect_ready, say
from flows.core.errors import NextcloseError

if TYPE_CHECKING:
    from flows.core.evaluation import Evaluation

FORMS = (".png", ".svg")


def _symbols(symbols: list[str] | None) -> list[str]:
    return known_symbols(symbols) if symbols else []


def _models(text: str | None) -> str | None:
    for name in (text or "").split(","):
        known_model(name.strip() or None)
    return text


def _chart(file: Path | None) -> Path | None:
    if file is not None and file.suffix.lower() not in FORMS:
        raise typer.BadParameter(f"{file.name!r}: a chart is a .png or an .svg file")
    if file is not None and not file.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {str(file.parent)!r}")
    return file


def evaluate(
    symbols: Annotated[
        list[str] | None,
        typer.Argument(callback=_symbols, help="Symbols, such as IBM; the watchlist where none is given."),
    ] = None,
    interval: options.Interval = "daily",
    models: Annotated[
        str | None,
        typer.Option(
            callback=_models,
            metavar="A,B",
            help="Compare only these, and put no winner on record; all where not given.",
        ),
    ] = None,
    source: options.Source = "alpha-vantage",
    now: options.Now = None,
    fetch: Annotated[
        bool,
        typer.Option("--fetch/--no-fetch", help="Ask the source for new bars first, or use what the ledger holds."),
    ] = True,
    chart: Annotated[
        Path | None, typer.Option(callback=_chart, metavar="FILE", help="Write the chart there, as .png or .svg.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare all models on each symbol, and put the winners on record for `forecast --contest recorded`."""
    given: dict[str, object] = {"interval": interval, "source": source, "now": now, "fetch": fetch}
    given |= {"symbols": symbols or None, "models": [name.strip() for name in models.split(",")] if models else None}
    made, message = _run(symbols or [], given)
    if chart is not None and made.held:
        _draw(made, chart)
    _show(made, message, as_json=as_json)
    raise typer.Exit(EXIT_NONE if not made.held else EXIT_SOME if made.failures else EXIT_ALL)


def _run(symbols: list[str], given: Mapping[str, object]) -> "tuple[Evaluation, str]":
    """Return the evaluation, and how the run ended; where the run itself failed, every symbol did."""
    from flows.core.bars import Interval
    from flows.core.evaluation import Evaluation
    from flows.core.forecast import failure_of

    try:
        with prefect_ready():
            from flows.evaluate_models import evaluate_models

            made, state = play(Evaluation, evaluate_models, **given)
            return made, str(state.message)
    except NextcloseError as error:
        failures = tuple(failure_of(symbol, "request", error, "") for symbol in symbols)
        return Evaluation(Interval(str(given["interval"])), tuple(symbols), failures=failures), str(error)


def _draw(made: "Evaluation", file: Path) -> None:
    from flows.publishers.evaluation_chart import draw_evaluation

    file.write_bytes(draw_evaluation(made, cast("Literal['png', 'svg']", file.suffix.lower()[1:])))
    say(f"nextclose: the chart is in {file}")


def _show(made: "Evaluation", message: str, *, as_json: bool) -> None:
    from flows.core.evaluation import evaluation_facts
    from flows.publishers.evaluation_pages import evaluation_text

    if as_json:
        print(json.dumps(evaluation_facts(made), indent=2, ensure_ascii=False, allow_nan=False))
    elif made.run_id:
        print(evaluation_text(made))
    if not as_json or not made.run_id:
        say(f"nextclose: {message}")
