"""The entry point of ``nextclose``."""

import atexit
import gc
import io
import os
import signal
import sys
import zoneinfo

import typer

from flows.cli import (
    configure,
    demo,
    deploy,
    doctor,
    down,
    evaluate,
    explain,
    export,
    forecast,
    import_,
    kafka,
    kafka_stop,
    prune,
    quarantine,
    record,
    replay,
    splits,
    stream,
    up,
)
from flows.core.errors import NextcloseError
from flows.embedded.state import state_directory

app = typer.Typer(
    name="nextclose",
    help="Forecast the next close of your symbols, and keep score.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks would show local values
    rich_markup_mode=None,
)
COMMANDS = (
    demo, configure, doctor, forecast, evaluate, import_, record, explain, replay, export, prune, stream, up, down, deploy, kafka, kafka_stop,
)  # fmt: skip
for command in COMMANDS:
    name = command.__name__.rpartition(".")[2]
    app.command(name.strip("_").replace("_", "-"))(getattr(command, name))
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(splits.app, name="splits")

DEFAULTS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "nextclose",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PYTHONTZPATH": "",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
}


def main() -> None:
    """Run the command line; an error of ours is one sentence and exit code 1."""
    prepare()
    signal.signal(signal.SIGINT, _interrupted)
    try:
        app()
    except (NextcloseError, FileExistsError, NotADirectoryError, PermissionError) as error:
        print(f"nextclose: {error}", file=sys.stderr)
        sys.exit(1)


def _interrupted(_number: int, _frame: object) -> None:
    """End at once: the terminal has ended Prefect's temporary server too, and waiting for it would take minutes.

    Whatever was under way is safe to repeat.
    """
    print("\nnextclose: interrupted; run it again to go on from here", file=sys.stderr, flush=True)
    os._exit(130)


def prepare() -> None:
    """Give Prefect its home and Python its zone data, before anything imports Prefect."""
    defaults = {**DEFAULTS, "PREFECT_HOME": str(state_directory() / "prefect")}
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, io.TextIOWrapper):
            # A terminal that cannot show a sign must not cost the result.
            output.reconfigure(errors="backslashreplace")
    _spare_the_collector()
    # The system's zone data may be older than the tzdata package and would win over it.
    zoneinfo.reset_tzpath(())


def _spare_the_collector() -> None:
    """Look for garbage seldom, and not at all at the end: what is imported stays, and a look at it all costs half a second.

    Source: gc.freeze and gc.set_threshold in Python's documentation.
    """
    gc.set_threshold(100_000, 20, 100)
    atexit.register(gc.freeze)
