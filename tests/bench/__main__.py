"""Run the benchmarks: all of them, or those that are named."""

import argparse
import importlib
import os
import sys

from tests.bench import results

SESSIONS, REPEATS = ("NEXTCLOSE_BENCH_SESSIONS", 5_000), ("NEXTCLOSE_BENCH_REPEATS", 3)
"""For trials: smaller numbers by the environment, as `make bench` hands it on. The targets hold for a million bars."""
FEWEST_WAITS = 5
"""A wait is so often the machine's doing that three are too few."""


def main() -> None:
    """Read the words after `python -m tests.bench`."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="|".join(results.HEADINGS), help="all of them without a name")
    sessions, repeats = (int(os.environ.get(name, usual)) for name, usual in (SESSIONS, REPEATS))
    told = "how {} ({} sets it too)"
    parser.add_argument(
        "--sessions", type=int, default=sessions, help=told.format("many bars a symbol has on Kafka", SESSIONS[0])
    )
    parser.add_argument("--repeats", type=int, default=repeats, help=told.format("often each is measured", REPEATS[0]))
    given = parser.parse_args()
    if unknown := set(given.names) - set(results.HEADINGS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    names, missed = given.names or results.HEADINGS, []
    # The libraries of one must not fill the memory in which another is measured.
    if "engine" in names:
        missed += importlib.import_module("tests.bench.engine").measure(given.repeats)
    if "kafka" in names:
        missed += importlib.import_module("tests.bench.kafka").measure(given.sessions, given.repeats)
    if "waiting" in names:
        missed += importlib.import_module("tests.bench.waiting").measure(max(given.repeats, FEWEST_WAITS))
    sys.exit("; ".join(missed) or None)


main()
