"""Commands of nextclose, one after the other in one process; they come as JSON in one word, each a `Step`.

Tasks that are tried again are so at once, and what a step names breaks while it lasts.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import NamedTuple, NoReturn
from unittest.mock import patch

from flows.cli.main import main, prepare

RETRIED = ("fetch", "produce", "consume", "record", "notify", "ask_about")


class Step(NamedTuple):
    """One command."""

    words: Sequence[str]
    settings: Mapping[str, str] = {}
    """What the environment has besides, while the step lasts."""
    crashes: Sequence[tuple[str, str]] = ()
    """Functions of libraries that break, as module:name, and what they say then."""


def hurry() -> None:
    """Let every task that is tried again be so at once."""
    from flows import tasks

    for name in RETRIED:
        quick = getattr(tasks, name).with_options(retry_delay_seconds=0.1, retry_jitter_factor=None)
        setattr(tasks, name, quick)


@contextmanager
def broken(place: str, said: str) -> Iterator[None]:
    """Let a function of a library raise an error that nobody has foreseen."""

    def fail(*given: object, **named: object) -> NoReturn:
        raise KeyError(said) from ValueError(said, given, named)

    module, _, name = place.partition(":")
    *owners, last = name.split(".")
    found = import_module(module)
    for owner in owners:
        found = getattr(found, owner)
    with patch.object(found, last, fail):
        yield


def run(step: Step) -> None:
    """Run one command, and say how it ended."""
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, step.settings))
        for crash in step.crashes:
            stack.enter_context(broken(*crash))
        sys.argv = ["nextclose", *step.words]
        try:
            main()
        except SystemExit as end:
            print(f"\n{step.words[0]} ended with {end.code}", flush=True)  # noqa: T201 - for the test to read


if __name__ == "__main__":
    prepare()
    hurry()
    for one in json.loads(sys.argv[1]):
        run(Step(*one))
