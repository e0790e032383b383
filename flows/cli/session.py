"""What the commands that run a flow share."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from flows.core.errors import FixConfiguration, NextcloseError

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

MadeT = TypeVar("MadeT")


def say(text: str) -> None:
    """Tell the person something about progress; facts go to standard output, this does not."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def prefect_ready(*, quiet: bool = False) -> Iterator[None]:
    """Set Prefect up for runs inside this process.

    Args:
        quiet: Show only warnings of the runs.
    """
    began = time.monotonic()
    # The ephemeral server does not make the folder of its own database.
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
    say("nextclose: starting Prefect …")
    if quiet:
        os.environ["PREFECT_LOGGING_LEVEL"] = "WARNING"
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    # The heartbeat tells a server that a run in another process is alive; waiting for its end costs a second a run.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        _greet(get_client)
        say(f"nextclose: Prefect is ready ({time.monotonic() - began:.0f} s)")
        yield


def _greet(get_client: Callable[..., Any]) -> None:
    from httpx import HTTPError, HTTPStatusError, codes

    try:
        with get_client(sync_client=True) as client:
            client.hello().raise_for_status()
    except HTTPStatusError as error:
        code = error.response.status_code
        mend = (
            "It asks for a password, or for another one: export PREFECT_API_AUTH_STRING=user:password"
            if code in (401, 403)
            else "The address of a Prefect server ends in /api: see PREFECT_API_URL"
            if code == codes.NOT_FOUND
            else "Look at its log, .nextclose/logs/server.log after `make up`, or try again"
        )
        address = os.environ.get("PREFECT_API_URL")
        raise FixConfiguration(f"request: the Prefect server at {address} answers {code}. {mend}") from None
    except (HTTPError, RuntimeError) as error:
        address = os.environ.get("PREFECT_API_URL")
        reason = (
            f"no Prefect server answers at {address}. Start it with `make up`, or `unset PREFECT_API_URL` to do without one"
            if address
            else f"Prefect's temporary server did not start ({type(error).__name__}) with its home in "
            f"{os.environ['PREFECT_HOME']}. Is that folder writable, and is there space?"
        )
        raise FixConfiguration(f"request: {reason}") from None


def play(kind: type[MadeT], flow: Callable[..., Any], **parameters: Any) -> "tuple[MadeT, State[Any]]":
    """Run a flow; return what it made, and the state in which it ended.

    Args:
        kind: What the flow makes.
        flow: The flow.
        parameters: What it is told.

    Raises:
        NextcloseError: The run could not make it at all.
    """
    state: State[Any] = flow(**parameters, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, kind):
        return result, state
    if isinstance(result, NextcloseError):
        raise result
    raise NextcloseError(f"the run ended as {state.name}: {state.message}")
