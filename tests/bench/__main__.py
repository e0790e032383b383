"""Run the benchmarks: all of them, or those that are named."""

import argparse
import importlib
import sys

from tests.bench import results


def main() -> None:
    """Read the words after `python -m tests.bench`."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="|".join(results.HEADINGS), help="all of them without a name")
    parser.add_argument("--sessions", type=int, default=5_000, help="bars of each of the 200 symbols (Kafka)")
    parser.add_argument("--repeats", type=int, default=3, help="how often each is measured (Kafka)")
    given = parser.parse_args()
    if unknown := set(given.names) - set(results.HEADINGS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    # The libraries of one must not fill the memory in which another is measured.
    if "contest" in (given.names or results.HEADINGS):
        importlib.import_module("tests.bench.contest").measure()
    if "kafka" in (given.names or results.HEADINGS):
        missed = importlib.import_module("tests.bench.kafka").measure(given.sessions, given.repeats)
        sys.exit("; ".join(missed) or None)


main()
