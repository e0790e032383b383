"""``nextclose down``: end all that ``nextclose up`` started."""

from flows.cli.processes import stop
from flows.cli.session import say
from flows.embedded.state import state_directory

PROCESSES = (
    ("worker", "prefect worker start"),
    ("broker", "flows.embedded.broker"),
    ("server", "prefect server start"),
)
"""What `up` starts, and what stands in each command line; ended in this order."""


def down() -> None:
    """End the worker, the embedded broker and Prefect's server."""
    state = state_directory()
    for name, mark in PROCESSES:
        if stop(state / "run" / f"{name}.pid", mark):
            say(f"nextclose: {name} ended")
    (state / "env").unlink(missing_ok=True)
    say("nextclose: nothing of `make up` is running")
