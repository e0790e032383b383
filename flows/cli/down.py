"""``nextclose down``: end all that ``nextclose up`` started."""

from flows.cli.session import say
from flows.cli.supervising import end
from flows.embedded.state import state_directory


def down() -> None:
    """End the worker, the embedded broker and Prefect's server."""
    state = state_directory()
    say("nextclose: ending …")
    for name in end(state):
        say(f"nextclose: {name} ended")
    (state / "env").unlink(missing_ok=True)
    say("nextclose: nothing of `make up` is running")
