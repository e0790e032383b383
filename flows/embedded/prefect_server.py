"""Prefect's server, which looks for garbage in a thread of its own.

``python -m flows.embedded.prefect_server WORDS`` is ``prefect server start WORDS``.

With SQLite the server's event loop would otherwise stand still for a minute now and then, and answer nobody. Garbage is
looked for in whichever thread happens to allocate, mostly the loop's; a dead cursor that is found resets its statement,
for which it needs its connection's mutex; and SQLite holds that for as long as the connection waits in another thread
for the right to write, which is 60 s in Prefect. Whoever has that right needs the loop to give it back.
"""

import gc
import runpy
import sys
import time
from itertools import count
from threading import Thread

SECONDS = 1.0
"""How often young garbage is looked for."""
ROUNDS = 60
"""In every so many-th of these rounds all garbage is, which takes 0.2 s."""


def collect_elsewhere() -> None:
    """Let no thread but one look for garbage from now on."""
    gc.disable()
    Thread(target=_collect, name="garbage", daemon=True).start()


def _collect() -> None:
    for number in count(1):
        time.sleep(SECONDS)
        gc.collect(1 if number % ROUNDS else 2)


if __name__ == "__main__":
    collect_elsewhere()
    sys.argv = ["prefect", "server", "start", *sys.argv[1:]]
    runpy.run_module("prefect", run_name="__main__")
