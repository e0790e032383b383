"""``nextclose configure``: environment variables into blocks; the only place that reads them."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.moving import absolute, moved
from flows.cli.session import prefect_ready
from flows.cli.variables import ALPHA_VANTAGE, CSV, KAFKA, MAIL, SMTP, Field
from flows.core.errors import FixConfiguration

if TYPE_CHECKING:
    from pydantic import ValidationError


def configure(
    show: Annotated[bool, typer.Option("--show", help="Only list the variables that are understood.")] = False,
    move_ledger: Annotated[
        bool,
        typer.Option(
            "--move-ledger", help="Copy the ledger in use into the empty database that LEDGER_URL names, and use that."
        ),
    ] = False,
) -> None:
    """Store what the environment names in Prefect blocks; safe to repeat, and what is not named stays as it is."""
    if show:
        print("\n".join((*ALPHA_VANTAGE, *CSV, *KAFKA, *SMTP, *MAIL, "LEDGER_URL", "NEXTCLOSE_SYMBOLS")))
        return
    if move_ledger and not os.environ.get("LEDGER_URL"):
        raise typer.BadParameter("--move-ledger wants the new ledger's address in LEDGER_URL")
    with prefect_ready(quiet=True):
        if move_ledger:
            moved(os.environ["LEDGER_URL"])
        for line in apply(os.environ) or ["nothing to store: the environment names nothing (see --show)"]:
            print(line)


def apply(environment: Mapping[str, str]) -> list[str]:
    """Store what `environment` names, and return a line for each block written.

    Raises:
        FixConfiguration: A value cannot be what its name says; nothing of its block is written.
    """
    from blocks import AlphaVantageCredentials, CsvFiles, EmailServerCredentials, KafkaCluster, MailAlerts

    lines = [
        _store(AlphaVantageCredentials, "alpha-vantage", ALPHA_VANTAGE, environment),
        _store(CsvFiles, "csv-files", CSV, environment),
        _store(KafkaCluster, "kafka", KAFKA, environment),
        _store(EmailServerCredentials, "smtp", SMTP, environment),
        _store(MailAlerts, "alerts", MAIL, environment),
        _ledger(environment.get("LEDGER_URL")),
        _watchlist(environment.get("NEXTCLOSE_SYMBOLS")),
    ]
    _set_paces()
    return [line for line in lines if line]


def begin() -> None:
    """Store what every installation needs, where a person has not stored anything: ledger, watchlist, spacing."""
    from prefect.variables import Variable

    from flows.watchlist import BEGINNERS, VARIABLE

    _set_paces()

    _ledger(None)
    if Variable.get(VARIABLE) is None:
        Variable.set(VARIABLE, list(BEGINNERS))


def _set_paces() -> None:
    """Create the limits that space the requests of all runs."""
    from flows.core.connections import DEMO_KEY, AlphaVantageConnection
    from flows.pace import set_pace
    from flows.stored_blocks import SOURCES, stored

    found = {name: stored(block, name) for name, block in SOURCES.items()}
    for name, block in found.items():
        if block is not None:
            set_pace(block.connection())
        elif name == "alpha-vantage":
            set_pace(AlphaVantageConnection(DEMO_KEY))


def _store(block: Any, name: str, fields: Mapping[str, Field], environment: Mapping[str, str]) -> str | None:
    from flows.stored_blocks import stored

    named = {variable: environment[variable] for variable in fields if variable in environment}
    if not named:
        return None
    given = {fields[variable][0]: _value(variable, text, fields[variable][1]) for variable, text in named.items()}
    before = stored(block, name)
    values = {**(_values(before) if before else {}), **given}
    _checked(block, values, named).save(name, overwrite=True)
    return f"block {name}: {', '.join(named)}"


def _value(variable: str, text: str, convert: Callable[[str], Any]) -> Any:
    try:
        return convert(text.strip())
    except ValueError:
        raise FixConfiguration(f"configure: {variable} is no number. Nothing of its block was stored") from None


def _values(block: Any) -> dict[str, Any]:
    return {name: getattr(block, name) for name in type(block).model_fields}


def _checked(block: Any, values: Mapping[str, Any], named: Mapping[str, str]) -> Any:
    from pydantic import ValidationError

    try:
        return block(**values)
    except (ValidationError, ValueError) as error:
        where, why = _misfit(error) if isinstance(error, ValidationError) else ("a value", "it is not allowed")
        raise FixConfiguration(
            f"configure: {where} does not fit: {why}. Look at {', '.join(named)}; nothing of this block was stored"
        ) from None


def _misfit(error: "ValidationError") -> tuple[str, str]:
    first = error.errors(include_input=False, include_url=False)[0]
    return ".".join(map(str, first["loc"])) or "a value", first["msg"]


def _ledger(url: str | None) -> str | None:
    """Store the ledger's address; the default as an absolute path, so that every process finds the same one."""
    from pydantic import SecretStr

    from blocks import Ledger
    from flows.embedded.state import state_directory
    from flows.parts import default_ledger
    from flows.stored_blocks import stored

    if url is None and stored(Ledger, "ledger") is not None:
        return None
    connection_url = absolute(url) if url else default_ledger(state_directory()).url
    Ledger(url=SecretStr(connection_url)).save("ledger", overwrite=True)
    return f"block ledger: {'LEDGER_URL' if url else connection_url}"


def _watchlist(symbols: str | None) -> str | None:
    from prefect.variables import Variable

    from flows.watchlist import VARIABLE, parse_symbols

    if symbols is None:
        return None
    chosen = list(parse_symbols(symbols))
    Variable.set(VARIABLE, chosen, overwrite=True)
    return f"variable {VARIABLE}: {', '.join(chosen)}"
